// A tunnelling proxy on Node's own servers, as its documentation of the 'connect' event shows it:
// node node_tunnel.js PORT [tls|h2 DIRECTORY-OF-CERTIFICATES]
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const net = require('node:net');

const [port, kind, certs] = process.argv.slice(2);
const pair = () => ({ cert: fs.readFileSync(`${certs}/cert.pem`), key: fs.readFileSync(`${certs}/key.pem`) });

// A reset is passed on as a reset, as the role's contract has it: the load's clients end by one, and whoever made a
// FIN of it would do less than the others.
const plain = (end) => end instanceof net.Socket && !end.encrypted;
const reset = (end) => (plain(end) ? end.resetAndDestroy() : end.destroy());

// What both versions share: dial, then answer, then carry both ways.
function lead(authority, client, answer) {
  const { hostname, port: wanted } = new URL(`http://${authority}`);
  const target = net.connect({ host: hostname, port: wanted, allowHalfOpen: true }, () => {
    if (client.destroyed) return target.destroy();
    answer(target);
    target.pipe(client);
    client.pipe(target);
  });
  target.on('error', () => reset(client));
  client.on('error', () => reset(target));
}

function tunnel(request, client, head) {
  lead(request.url, client, (target) => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    target.write(head);
  });
}

function stream(client, headers) {
  lead(headers[':authority'], client, () => client.respond({ ':status': 200 }));
}

const okay = (request, response) => response.end('okay');
const server = {
  undefined: () => http.createServer(okay).on('connect', tunnel),
  tls: () => https.createServer(pair(), okay).on('connect', tunnel),
  h2: () => http2.createSecureServer(pair()).on('stream', stream),
}[kind]();
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
