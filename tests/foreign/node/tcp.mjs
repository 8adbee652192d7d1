// node tcp.mjs ADDRESS PORT: sends a megabyte, closes its side, and counts what comes back until the end.
import net from "node:net";
import { randomBytes } from "node:crypto";

const [address, port] = process.argv.slice(2);
const sent = randomBytes(1024 * 1024);
const pieces = [];
const socket = net.connect({ host: address, port, allowHalfOpen: true });
socket.on("data", (piece) => pieces.push(piece));
socket.on("end", () => {
  const same = Buffer.concat(pieces).equals(sent);
  console.log(same ? `${sent.length} bytes came back` : "other bytes came back");
});
socket.end(sent);
