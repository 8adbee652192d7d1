'use strict';
// Node's own servers doing the rows' work: node node_http.js http1|https|h2c|h2 PORT CERTS
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const http2 = require('node:http2');
const path = require('node:path');
const querystring = require('node:querystring');

const [kind, port, certs] = process.argv.slice(2);
const JSON_TYPE = 'application/json; charset=utf-8';
// Body and fields are made once, and small bodies stay strings: Node then writes head and body together.
const ready = (body, type) => ({ body, fields: { 'content-type': type, 'content-length': Buffer.byteLength(body) } });
const TODOS = {
  zhangsan: ready(JSON.stringify([{ name: 'birth', introduce: '过生日' }]), JSON_TYPE),
  lisi: ready(JSON.stringify([{ name: 'hospital', introduce: '医院复诊' }]), JSON_TYPE),
};
const NOBODY = ready('""', JSON_TYPE);
const DOWNLOAD = ready(Buffer.from('abcdefghijklmnopqrstuvwxyz'.repeat(2521)).subarray(0, 65536), 'text/plain');

function answer(response, { body, fields }) {
  response.writeHead(200, fields);
  response.end(body);
}

function collect(request, whole) {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => whole(Buffer.concat(pieces)));
}

function serve(request, response) {
  // `new URL` would cost Node a third of its rate: the cheaper parser of its own makes it the better peer.
  const [pathname, query] = request.url.split('?', 2);
  if (pathname === '/todos' && request.method === 'GET') {
    answer(response, TODOS[querystring.parse(query).name] ?? NOBODY);
  } else if (pathname === '/todos') {
    collect(request, (body) => answer(response, TODOS[JSON.parse(body).name] ?? NOBODY));
  } else if (pathname === '/range/65536') {
    answer(response, DOWNLOAD);
  } else {
    let size = 0;
    request.on('data', (piece) => { size += piece.length; });
    request.on('end', () => answer(response, ready(JSON.stringify({ size }), JSON_TYPE)));
  }
}

const identity = () => ({
  cert: fs.readFileSync(path.join(certs, kind, 'cert.pem')),
  key: fs.readFileSync(path.join(certs, kind, 'key.pem')),
});
const servers = {
  http1: () => http.createServer(serve),
  https: () => https.createServer(identity(), serve),
  h2c: () => http2.createServer(serve),
  h2: () => http2.createSecureServer(identity(), serve),
};
servers[kind]().listen({ port: Number(port), host: '127.0.0.1', backlog: 4096 });
