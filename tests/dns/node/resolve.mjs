// node resolve.mjs ADDRESS PORT LIE...: every method of a dns.promises.Resolver against the yard's zone, and what it
// makes of each lie, as JSON.
import { Resolver, lookup, lookupService } from "node:dns/promises";

const [address, port, ...lies] = process.argv.slice(2);
const host = address.includes(":") ? `[${address}]` : address;
const resolver = new Resolver({ timeout: 1000, tries: 1 });
resolver.setServers([`${host}:${port}`]);

const zone = "wireyard.test";
// It has a name in DNS and none in /etc/hosts, which reverse() reads first.
const [known] = await resolver.resolve4(`vault.${zone}`);
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
  EBADRESP: `malformed.lies.${zone}`,
  EBADNAME: "a..b",
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
// Some lies are told by count, and so of names that nobody has asked for.
const believed = async (lie) => {
  const asking = new Resolver({ timeout: 700, tries: 1 });
  asking.setServers(resolver.getServers());
  const found = await asking.resolve4(`n${process.pid}-${Date.now()}.${lie}.lies.${zone}`).catch((error) => error.code);
  return [lie, found];
};
said.lies = Object.fromEntries(await Promise.all(lies.map(believed)));
said.large = await resolver.resolveTxt(`larger.${zone}`).then((found) => found.length, (error) => error.code);
if (address.startsWith("127.")) {
  resolver.setLocalAddress("127.0.0.9");
  said.local = await resolver.resolveTxt(`address.reflect.${zone}`).catch((error) => error.code);
}
resolver.setServers(["127.0.0.1:9"]);
said.errors.ECONNREFUSED = await resolver.resolve4(zone).then(() => "answered", (error) => error.code);
said.lookup = await lookup("localhost", { all: true });
said.lookupService = await lookupService("127.0.0.1", 80).catch((error) => error.code);
console.log(JSON.stringify(said));
