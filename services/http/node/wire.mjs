// Misbehaviour on purpose: what Node's own sockets let a handler do to HTTP/1.1.

import { Refused, pause } from "./exchange.mjs";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\n";
const WHOLE = HEAD + "*".repeat(100);
const OK = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n";
const FLAWS = {
  "status-line/garbage": Buffer.concat([Buffer.from(Array.from({ length: 128 }, (_, i) => 128 + i)), Buffer.from("\r\n\r\n")]),
  "status-line/short-code": "HTTP/1.1 20 OK\r\ncontent-length: 5\r\n\r\nhello",
  "field/nul": `${OK}content-length: 5\r\nx-nul: a\0b\r\n\r\nhello`,
  "field/giant": `${OK}content-length: 5\r\nx-giant: ${"a".repeat(1024 * 1024)}\r\n\r\nhello`,
  "field/two-lengths": `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`,
  "chunk/no-hex": `${OK}transfer-encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n`,
  "chunk/truncated": `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhel`,
};

/** The connection itself, taken from Node's hands; HTTP/2 has none to give. */
const broken = (read, act) => async (exchange) => {
  if (exchange.http2) throw new Refused(501, "HTTP/2 has no such wire");
  const order = read(exchange);
  const { socket } = exchange.request;
  exchange.response.detachSocket(socket);
  await act(socket, order);
};

const nothing = () => undefined;
const after = (exchange) => exchange.whole("after", HEAD.length, 0, WHOLE.length);
const fin = (socket, text) => socket.end(text);

/** The TCP socket below each connection: a TLS socket cannot send RST by itself. */
const below = new Map();
const name = (socket) => `${socket.remoteAddress} ${socket.remotePort}`;

export function remember(socket) {
  if (socket.encrypted) return;
  const key = name(socket);
  below.set(key, socket);
  socket.on("close", () => below.delete(key));
}

const reset = (socket) => (below.get(name(socket)) ?? socket).resetAndDestroy();
const rst = (socket, text) => (text ? socket.write(text, () => reset(socket)) : reset(socket));

async function slowly(socket, before, slow, behind, seconds) {
  const begun = performance.now() / 1000;
  socket.write(before);
  for (let i = 0; i < slow.length; i += 1) {
    socket.write(slow[i]);
    await pause(Math.max(0, begun + (seconds * (i + 1)) / slow.length - performance.now() / 1000));
  }
  socket.end(behind);
}

function flaw(exchange) {
  const name = `${exchange.parameters.part}/${exchange.parameters.fault}`;
  if (!FLAWS[name]) throw new Refused(400, `${name} is none of ${Object.keys(FLAWS).join(", ")}`);
  return FLAWS[name];
}

const interim = (exchange) =>
  `HTTP/1.1 ${exchange.whole("status", undefined, 100, 199)} Interim\r\n\r\n`.repeat(exchange.whole("times", 1, 1, 1000)) + WHOLE;

const length = (exchange) =>
  `${OK}content-length: ${exchange.whole("said", 100, 0, 10_000)}\r\n\r\n${"*".repeat(exchange.whole("sent", 50, 0, 10_000))}`;

/** TCP's own RST on HTTP/1.1, RST_STREAM on HTTP/2. */
async function resetStream(exchange) {
  const code = exchange.whole("code", 2, 0, 2 ** 32 - 1);
  exchange.response.writeHead(200, { "content-type": "text/plain", "content-length": 100 });
  await new Promise((resolve) => exchange.response.write("*".repeat(50), resolve));
  if (exchange.http2) exchange.response.stream.close(code);
  else reset(exchange.request.socket);
}

const row = (path, read, act) => ["GET POST PUT", `/wire/${path}`, broken(read, act)];

export const wire = [
  row("close", (exchange) => WHOLE.slice(0, after(exchange)), fin),
  row("reset", (exchange) => WHOLE.slice(0, after(exchange)), rst),
  row("empty", nothing, (socket) => socket.end()),
  row("deaf", nothing, (socket) => reset(socket)),
  row("early", () => WHOLE, fin),
  row("length", length, fin),
  row("two-answers", () => WHOLE + HEAD.replace("100", "6") + "second", fin),
  row("interim/{status}", interim, fin),
  row("slow-head", (exchange) => exchange.seconds("seconds", 2), (socket, seconds) => slowly(socket, "", HEAD, "*".repeat(100), seconds)),
  row("slow-body", (exchange) => exchange.seconds("seconds", 2), (socket, seconds) => slowly(socket, HEAD, "*".repeat(100), "", seconds)),
  row(
    "stall",
    (exchange) => [WHOLE.slice(0, after(exchange)), exchange.seconds("seconds", 2)],
    async (socket, [text, seconds]) => {
      socket.write(text);
      await pause(seconds);
      socket.end();
    },
  ),
  ["GET POST PUT", "/wire/reset-stream", resetStream],
  row("{part}/{fault}", flaw, fin),
];
