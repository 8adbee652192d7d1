// node dns.mjs ADDRESS PORT NAME: resolves NAME with a resolver that knows this one server.
import { Resolver } from "node:dns/promises";

const [address, port, name] = process.argv.slice(2);
const resolver = new Resolver();
resolver.setServers([`${address}:${port}`]);
const addresses = await resolver.resolve4(name);
console.log(`${addresses.length} address: ${addresses}`);
