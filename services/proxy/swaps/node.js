'use strict';
// The tutorial's tunnelling proxy on Node's http 'connect', with the yard's allow-list and resolver.
const dns = require('node:dns');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');

const env = process.env;
const resolver = new dns.promises.Resolver({ timeout: 2000, tries: 1 });
if (env.WIREYARD_RESOLVER) resolver.setServers([env.WIREYARD_RESOLVER]);

const networks = new net.BlockList();
const endpoints = new Set();
for (const line of (env.WIREYARD_ALLOW ?? '').split(',').map((word) => word.trim()).filter(Boolean)) {
  const [network, prefix] = line.split('/');
  if (prefix) networks.addSubnet(network, Number(prefix), net.isIPv6(network) ? 'ipv6' : 'ipv4');
  else endpoints.add(line);
}

function refuse(socket, status) {
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

async function addressOf(host) {
  if (net.isIP(host)) return host;
  if (!/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?$/.test(host)) return undefined;
  const [address] = await resolver.resolve4(host);
  return address;
}

function allowed(address, port) {
  return endpoints.has(`${address}:${port}`) || networks.check(address, net.isIPv6(address) ? 'ipv6' : 'ipv4');
}

async function connect(request, client, head) {
  client.on('error', () => client.destroy());
  const target = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:@/\s]+)):(\d{1,5})$/.exec(request.url);
  const port = Number(target?.[3]);
  if (!target || port < 1 || port > 65535) return refuse(client, 400);
  let address;
  try {
    address = await addressOf(target[1] ?? target[2]);
  } catch {
    return refuse(client, 502);
  }
  if (address === undefined) return refuse(client, 400);
  if (!allowed(address, port)) return refuse(client, 403);
  const upstream = net.connect({ host: address, port, allowHalfOpen: true });
  upstream.once('error', () => refuse(client, 502));
  return upstream.once('connect', () => {
    upstream.removeAllListeners('error');
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length) upstream.write(head);
    join(client, upstream);
  });
}

// pipe() passes data, flow control and FIN on; a reset on one side resets the other.
function join(client, upstream) {
  for (const [here, there] of [[client, upstream], [upstream, client]]) {
    here.on('error', () => there.resetAndDestroy?.());
    here.pipe(there);
  }
}

function okay(request, response) {
  const origin = request.url.startsWith('/');
  response.writeHead(origin ? 200 : 405, origin ? { 'content-type': 'text/plain', 'content-length': 4 } : { allow: 'CONNECT' });
  response.end(origin ? 'okay' : '');
}

const host = env.WIREYARD_ADDRESS === '*' ? '::' : env.WIREYARD_ADDRESS;
const settings = { allowHalfOpen: true };
const certificate = () => ({
  cert: fs.readFileSync(path.join(env.WIREYARD_CERTS, 'cert.pem')),
  key: fs.readFileSync(path.join(env.WIREYARD_CERTS, 'key.pem')),
});
for (const [server, port] of [
  [http.createServer(settings), env.WIREYARD_PORT],
  [https.createServer({ ...settings, ...certificate() }), env.WIREYARD_TLS_PORT],
]) {
  server.on('connect', connect).on('request', okay).listen(Number(port), host);
}
process.on('SIGTERM', () => process.exit(0));
