// Connections that stop being HTTP: the yard's echo by Upgrade and by CONNECT, and WebSocket (RFC 6455).

import crypto from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const LARGEST = 1024 * 1024;

export function upgrade(request, socket, head) {
  socket.on("error", () => socket.destroy());
  const offered = (request.headers.upgrade ?? "").toLowerCase().split(",").map((word) => word.trim());
  if (request.url === "/upgrade" && offered.includes("wireyard-echo")) {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: wireyard-echo\r\nconnection: upgrade\r\n\r\n");
    return void echo(socket, head);
  }
  const key = request.headers["sec-websocket-key"];
  if (request.url === "/websocket/echo" && offered.includes("websocket") && key) return void websocket(socket, head, key);
  socket.end("HTTP/1.1 426 Upgrade Required\r\nupgrade: websocket, wireyard-echo\r\nconnection: close, upgrade\r\ncontent-length: 0\r\n\r\n");
}

export function connect(request, socket, head) {
  socket.on("error", () => socket.destroy());
  if (request.url !== "echo.wireyard.test:7") return void socket.end("HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  echo(socket, head);
}

function echo(socket, head) {
  if (head.length) socket.write(head);
  socket.pipe(socket);
}

function websocket(socket, head, key) {
  const accept = crypto.createHash("sha1").update(key + GUID).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
  const talk = new Conversation(socket);
  socket.on("data", (data) => talk.feed(data));
  if (head.length) talk.feed(head);
}

/** Takes frames, joins fragments, and sends every message back. */
class Conversation {
  constructor(socket) {
    this.socket = socket;
    this.buffer = Buffer.alloc(0);
    this.message = [];
    this.opcode = 0;
  }

  feed(data) {
    this.buffer = Buffer.concat([this.buffer, data]);
    for (let frame = this.#frame(); frame; frame = this.#frame()) this.#take(frame);
  }

  #frame() {
    const { buffer } = this;
    if (buffer.length < 2) return null;
    const short = buffer[1] & 127;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + extra + 4;
    if (buffer.length < start) return null;
    const size = extra === 2 ? buffer.readUInt16BE(2) : extra === 8 ? Number(buffer.readBigUInt64BE(2)) : short;
    if (!(buffer[1] & 128)) return this.#fail(1002);
    if (size > LARGEST) return this.#fail(1009);
    if (buffer.length < start + size) return null;
    const mask = buffer.subarray(start - 4, start);
    const payload = Buffer.from(buffer.subarray(start, start + size).map((byte, i) => byte ^ mask[i % 4]));
    const frame = { last: Boolean(buffer[0] & 128), opcode: buffer[0] & 15, payload };
    this.buffer = buffer.subarray(start + size);
    return frame;
  }

  #take({ last, opcode, payload }) {
    if (opcode === 8) return void this.socket.end(encode(8, payload));
    if (opcode === 9) return void this.socket.write(encode(10, payload));
    if (opcode === 10) return undefined;
    if (opcode) [this.opcode, this.message] = [opcode, []];
    this.message.push(payload);
    if (last) this.socket.write(encode(this.opcode, Buffer.concat(this.message)));
    return undefined;
  }

  #fail(code) {
    this.buffer = Buffer.alloc(0);
    this.socket.end(encode(8, Buffer.from([code >> 8, code & 255])));
    return null;
  }
}

function encode(opcode, payload) {
  const { length } = payload;
  const head = length < 126 ? Buffer.from([128 | opcode, length]) : Buffer.alloc(length < 65_536 ? 4 : 10);
  if (length >= 126) {
    head[0] = 128 | opcode;
    head[1] = length < 65_536 ? 126 : 127;
    if (length < 65_536) head.writeUInt16BE(length, 2);
    else head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}
