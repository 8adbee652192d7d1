// A tunnelling proxy on Node's http server, as its documentation of the 'connect' event shows it:
// node node_tunnel.js PORT
'use strict';
const http = require('node:http');
const net = require('node:net');

const proxy = http.createServer((request, response) => response.end('okay'));
proxy.on('connect', (request, client, head) => {
  const { hostname, port } = new URL(`http://${request.url}`);
  const target = net.connect(port, hostname, () => {
    client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    target.write(head);
    target.pipe(client);
    client.pipe(target);
  });
  target.on('error', () => client.destroy());
  client.on('error', () => target.destroy());
});
proxy.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
