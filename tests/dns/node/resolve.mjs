// node resolve.mjs ADDRESS PORT KNOWN: every method of a dns.promises.Resolver against the yard's zone, as JSON.
// KNOWN is an address with a name in DNS and none in /etc/hosts, which reverse() reads first.
import { Resolver, lookup, lookupService } from "node:dns/promises";

const [address, port, known] = process.argv.slice(2);
const host = address.includes(":") ? `[${address}]` : address;
const resolver = new Resolver({ timeout: 1000, tries: 1 });
resolver.setServers([`${host}:${port}`]);

const zone = "wireyard.test";
const asked = {
  resolve: [`chain.${zone}`],
  resolve4: [`records.${zone}`, { ttl: true }],
  resolve6: [`records.${zone}`, { ttl: true }],
  resolveAny: [`records.${zone}`],
  resolveCaa: [`records.${zone}`],
  resolveCname: [`chain.${zone}`],
  resolveMx: [`records.${zone}`],
  resolveNaptr: [`records.${zone}`],
  resolveNs: [zone],
  resolvePtr: ["1.0.0.127.in-addr.arpa"],
  resolveSoa: [zone],
  resolveSrv: [`records.${zone}`],
  resolveTxt: [`records.${zone}`],
  reverse: [known],
};
const refused = {
  ENOTFOUND: `nowhere.${zone}`,
  ENODATA: `exact.wild.${zone}`,
  EREFUSED: "www.example.com",
  ESERVFAIL: `servfail.lies.${zone}`,
  ETIMEOUT: `silent.lies.${zone}`,
  EFORMERR: `formerr.lies.${zone}`,
  ENOTIMP: `notimp.lies.${zone}`,
};

const said = { servers: resolver.getServers(), answers: {}, errors: {} };
for (const [method, words] of Object.entries(asked)) {
  said.answers[method] = await resolver[method](...words).catch((error) => error.code);
}
for (const [code, name] of Object.entries(refused)) {
  said.errors[code] = await resolver.resolve4(name).then(() => "answered", (error) => error.code);
}
const waiting = resolver.resolve4(`slow-900.lies.${zone}`).catch((error) => error.code);
setTimeout(() => resolver.cancel(), 50);
said.errors.ECANCELLED = await waiting;
said.lookup = await lookup("localhost", { all: true });
said.lookupService = await lookupService("127.0.0.1", 80).catch((error) => error.code);
console.log(JSON.stringify(said));
