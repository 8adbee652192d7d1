// node undici.mjs ADDRESS PORT TARGET TARGET_PORT: GET through a CONNECT tunnel by undici's ProxyAgent, which Node's
// own fetch does not bring along. Ends with 127 where undici is not installed.
import { createRequire } from "node:module";

const [address, port, target, targetPort] = process.argv.slice(2);

function installed() {
  try {
    return createRequire(import.meta.url)("undici");
  } catch (error) {
    console.error(`undici is not installed: ${error.code}`);
    return process.exit(127);
  }
}

const { ProxyAgent, request } = installed();
const dispatcher = new ProxyAgent({ uri: `http://${address}:${port}`, proxyTunnel: true });
const reply = await request(`http://${target}:${targetPort}/todos?name=lisi`, { dispatcher });
process.stdout.write(await reply.body.text());
await dispatcher.close();
