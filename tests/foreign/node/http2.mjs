// node http2.mjs ADDRESS PORT ORIGIN [CA]: eight streams at once over node:http2; prints the content, once.
import fs from "node:fs";
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";

const [address, port, origin, ca] = process.argv.slice(2);
const { hostname } = new URL(origin);
const connect = () =>
  ca
    ? tls.connect({ host: address, port, servername: hostname, ALPNProtocols: ["h2"], ca: fs.readFileSync(ca) })
    : net.connect({ host: address, port });
const session = http2.connect(origin, { createConnection: connect });
const get = () =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ":path": "/todos?name=lisi" });
    let content = "";
    stream.setEncoding("utf8");
    stream.on("data", (piece) => (content += piece));
    stream.on("end", () => resolve(content));
    stream.on("error", reject);
  });
const contents = new Set(await Promise.all(Array.from({ length: 8 }, get)));
process.stdout.write([...contents].join("\n"));
session.close();
