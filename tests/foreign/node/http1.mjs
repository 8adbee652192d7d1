// node http1.mjs ADDRESS PORT AUTHORITY: GET over node:http; prints the content.
import http from "node:http";

const [address, port, authority] = process.argv.slice(2);
const request = http.request({ host: address, port, path: "/todos?name=lisi", headers: { host: authority } });
request.on("response", (answer) => answer.pipe(process.stdout));
request.end();
