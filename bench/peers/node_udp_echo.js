// UDP echo on Node's dgram: node node_udp_echo.js PORT
'use strict';
const dgram = require('node:dgram');

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20, sendBufferSize: 1 << 20 });
socket.on('message', (message, from) => socket.send(message, from.port, from.address));
socket.bind(Number(process.argv[2]), '127.0.0.1');
