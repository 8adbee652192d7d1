// TCP echo on Node's net, with the flow control that keeps memory bounded: node node_tcp_echo.js PORT
'use strict';
const net = require('node:net');

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
  socket.on('data', (data) => {
    if (!socket.write(data)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
});
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 4096 });
