'use strict';
// Node's dgram and net as a name server: node node_dns.js PORT ZONE
// The question is decoded and the answer written by hand; the dns-packet library would cost Node more.
const dgram = require('node:dgram');
const fs = require('node:fs');
const net = require('node:net');

const [port, zone] = process.argv.slice(2);
const records = new Map();
for (const line of fs.readFileSync(zone, 'ascii').split('\n')) {
  const [owner, ttl, , type, data] = line.split(/\s+/);
  if (type === 'A') records.set(`${owner}.bench.test`, { ttl: Number(ttl), address: data.split('.').map(Number) });
}

function question(message) {
  const labels = [];
  let at = 12;
  while (at < message.length && message[at] !== 0) {
    labels.push(message.latin1Slice(at + 1, at + 1 + message[at]));
    at += 1 + message[at];
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, type: message.readUInt16BE(at + 1) };
}

function answer(message, end, record) {
  const out = Buffer.allocUnsafe(end + (record ? 16 : 0));
  message.copy(out, 0, 0, end);
  out[2] = 0x84 | (message[2] & 1);
  out[3] = record ? 0 : 3;
  out.fill(0, 6, 12);
  if (!record) return out;
  out[7] = 1;
  out.writeUInt32BE(0xc00c0001, end);
  out.writeUInt16BE(1, end + 4);
  out.writeUInt32BE(record.ttl, end + 6);
  out.writeUInt16BE(4, end + 10);
  out.set(record.address, end + 12);
  return out;
}

function respond(message) {
  if (message.length < 17 || message[2] & 0x80) return null;
  const { name, end, type } = question(message);
  return answer(message, end, type === 1 ? records.get(name) : undefined);
}

// Over TCP each message has its length before it (RFC 1035 4.2.2).
net.createServer({ noDelay: true }, (connection) => {
  let rest = Buffer.alloc(0);
  connection.on('error', () => connection.destroy());
  connection.on('data', (data) => {
    rest = rest.length ? Buffer.concat([rest, data]) : data;
    connection.cork();
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0);
      const out = respond(rest.subarray(2, end));
      rest = rest.subarray(end);
      if (out) connection.write(Buffer.concat([Buffer.from([out.length >> 8, out.length & 255]), out]));
    }
    connection.uncork();
  });
}).listen(Number(port), '127.0.0.1');

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
socket.on('message', (message, from) => {
  const out = respond(message);
  if (out) socket.send(out, from.port, from.address);
});
socket.bind(Number(port), '127.0.0.1');
