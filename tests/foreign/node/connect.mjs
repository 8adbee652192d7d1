// node connect.mjs ADDRESS PORT TARGET TARGET_PORT: GET through a CONNECT tunnel, as the tunnelling tutorial does it.
import http from "node:http";

const [address, port, target, targetPort] = process.argv.slice(2);
const request = http.request({ host: address, port, method: "CONNECT", path: `${target}:${targetPort}` });
request.on("connect", (answer, socket) => {
  if (answer.statusCode !== 200) {
    console.log(`the tunnel was refused: ${answer.statusCode}`);
    socket.destroy();
    return;
  }
  const inner = http.request({ createConnection: () => socket, host: target, path: "/todos?name=lisi" });
  inner.on("response", (reply) => reply.pipe(process.stdout));
  inner.end();
});
request.end();
