'use strict';
// Node's net as the TCP echo service (RFC 862); pipe() passes flow control on.
const net = require('node:net');

const { WIREYARD_ADDRESS: address, WIREYARD_PORT: port } = process.env;
for (const host of address === '*' ? ['::'] : address.split(',')) {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen({ port: Number(port), host, backlog: 1024 });
}
process.on('SIGTERM', () => process.exit(0));
