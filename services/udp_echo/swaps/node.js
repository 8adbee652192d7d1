'use strict';
// Node's dgram as the UDP echo service (RFC 862); system ports get no answer (RFC 6335 6).
const dgram = require('node:dgram');

const { WIREYARD_ADDRESS: address, WIREYARD_PORT: port } = process.env;
for (const host of address === '*' ? ['0.0.0.0', '::'] : address.split(',')) {
  const type = host.includes(':') ? 'udp6' : 'udp4';
  const socket = dgram.createSocket({ type, ipv6Only: type === 'udp6', recvBufferSize: 4 * 1024 * 1024 });
  socket.on('message', (message, peer) => {
    if (peer.port >= 1024) socket.send(message, peer.port, peer.address);
  });
  socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
  socket.bind(Number(port), host);
}
process.on('SIGTERM', () => process.exit(0));
