// node https.mjs ADDRESS PORT AUTHORITY CA: GET over node:https, verified; prints the content.
import fs from "node:fs";
import https from "node:https";

const [address, port, authority, ca] = process.argv.slice(2);
const request = https.request({
  host: address,
  port,
  path: "/todos?name=lisi",
  headers: { host: authority },
  servername: authority,
  ca: fs.readFileSync(ca),
});
request.on("response", (answer) => answer.pipe(process.stdout));
request.end();
