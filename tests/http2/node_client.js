'use strict';
// Node's own http2 client, told ORIGIN (and CA for https); prints what its events said, as JSON.
const fs = require('node:fs');
const http2 = require('node:http2');

const [origin, servername, ca] = process.argv.slice(2);
const session = http2.connect(origin, ca ? { ca: fs.readFileSync(ca), servername } : {});
const seen = { errors: [] };
session.on('error', (error) => seen.errors.push(String(error)));
session.on('stream', (stream, headers) => {
  seen.pushed = headers[':path'];
  stream.resume();
});
session.on('altsvc', (alt, for_) => { seen.altsvc = [alt, for_]; });
session.on('close', () => console.log(JSON.stringify(seen)));

function ask(path, options = {}, body = undefined) {
  return new Promise((done) => {
    const stream = session.request({ ':path': path, ...options }, { endStream: body === undefined });
    const answer = { interims: [], trailers: {} };
    const pieces = [];
    stream.on('headers', (headers) => answer.interims.push(headers[':status']));
    stream.on('response', (headers) => { answer.status = headers[':status']; });
    stream.on('trailers', (trailers) => { answer.trailers = { ...trailers }; });
    stream.on('data', (piece) => pieces.push(piece));
    stream.on('error', (error) => { answer.error = error.code; });
    stream.on('close', () => {
      answer.rstCode = stream.rstCode;
      answer.body = Buffer.concat(pieces).toString();
      done(answer);
    });
    if (body !== undefined) stream.end(body);
  });
}

(async () => {
  seen.todos = await ask('/todos?name=zhangsan');
  seen.post = await ask('/todos', { ':method': 'POST' }, '{"name":"lisi"}');
  seen.interim = await ask('/interim/103');
  seen.trailers = await ask('/trailers?x-sum=6');
  seen.push = await ask('/h2/push');
  seen.reset = await ask('/h2/reset/7');
  await ask('/h2/altsvc?value=h2&origin=https://h2.wireyard.test');
  seen.ping = await new Promise((done) => session.ping((error, duration) => done(!error && duration > 0)));
  seen.settings = session.remoteSettings.maxConcurrentStreams;
  seen.alpn = session.alpnProtocol;
  session.close();
})();
