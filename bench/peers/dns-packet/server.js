'use strict';
// Node's dgram with the dns-packet library as a name server: node server.js PORT ZONE
const dgram = require('node:dgram');
const fs = require('node:fs');
const packet = require('dns-packet');

const [port, zone] = process.argv.slice(2);
const records = new Map();
for (const line of fs.readFileSync(zone, 'ascii').split('\n')) {
  const [owner, ttl, , type, data] = line.split(/\s+/);
  if (type === 'A') records.set(`${owner}.bench.test`, { ttl: Number(ttl), address: data });
}

const socket = dgram.createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
socket.on('message', (message, from) => {
  const query = packet.decode(message);
  const [question] = query.questions;
  if (query.type !== 'query' || !question) return;
  const record = question.type === 'A' ? records.get(question.name.toLowerCase()) : undefined;
  const answers = record ? [{ type: 'A', name: question.name, ttl: record.ttl, data: record.address }] : [];
  const flags = packet.AUTHORITATIVE_ANSWER | (query.flags & packet.RECURSION_DESIRED) | (record ? 0 : 3);
  const answer = packet.encode({ type: 'response', id: query.id, flags, questions: query.questions, answers });
  socket.send(answer, from.port, from.address);
});
socket.bind(Number(port), '127.0.0.1');
