// node udp.mjs ADDRESS PORT: a hundred datagrams of different lengths, each awaited before the next.
import dgram from "node:dgram";
import { once } from "node:events";

const [address, port] = process.argv.slice(2);
const socket = dgram.createSocket("udp4");
let same = 0;
for (let length = 0; length < 1000; length += 10) {
  const sent = Buffer.alloc(length, length);
  socket.send(sent, Number(port), address);
  const [received] = await once(socket, "message");
  same += received.equals(sent);
}
console.log(`${same} datagrams came back`);
socket.close();
