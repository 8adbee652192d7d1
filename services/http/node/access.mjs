// Credentials, cookies, redirections, statuses, and fields of the client's choice.

import crypto from "node:crypto";

import { Refused } from "./exchange.mjs";

const REALM = "wireyard";
const KEY = crypto.randomBytes(32);
const sign = (words) => crypto.createHmac("sha256", KEY).update(words).digest("hex").slice(0, 32);

function basic(exchange) {
  const [scheme, token = ""] = (exchange.field("authorization") ?? "").split(" ");
  const given = scheme.toLowerCase() === "basic" ? Buffer.from(token, "base64").toString("utf8") : "";
  const right = given !== "" && given === `${exchange.parameters.user}:${exchange.parameters.password}`;
  return { right, said: { authenticated: right, user: given.split(":")[0], authorized: right } };
}

function basicAuth(exchange) {
  const { right, said } = basic(exchange);
  exchange.json(said, right ? 200 : 401, right ? {} : { "www-authenticate": `Basic realm="${REALM}"` });
}

function hiddenBasic(exchange) {
  const { right, said } = basic(exchange);
  if (!right) throw new Refused(404, "there is nothing here");
  exchange.json(said);
}

function bearer(exchange) {
  const found = /^bearer ([^ ]+)$/i.exec(exchange.field("authorization") ?? "");
  if (!found) throw new Refused(401, "a bearer token is missing", { "www-authenticate": `Bearer realm="${REALM}"` });
  exchange.json({ authenticated: true, token: found[1] });
}

/** RFC 7616 3.4, qop=auth; the nonce is signed, so that nothing is remembered. */
function digest(exchange) {
  const { user, password, algorithm = "md5" } = exchange.parameters;
  const name = { md5: "MD5", "sha-256": "SHA-256" }[algorithm.toLowerCase()];
  if (!name || exchange.parameters.qop !== "auth") throw new Refused(400, "only qop=auth with MD5 or SHA-256");
  const hash = (...words) => crypto.createHash(name.toLowerCase().replace("-", "")).update(words.join(":")).digest("hex");
  const field = exchange.field("authorization") ?? "";
  const given = Object.fromEntries([...field.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g)].map(([, key, quoted, token]) => [key, quoted ?? token]));
  const [made, signature] = (given.nonce ?? "").split("-");
  const first = hash(user, REALM, password);
  const second = hash(exchange.method, exchange.target);
  const due = hash(first, given.nonce, given.nc, given.cnonce, "auth", second);
  if (field.startsWith("Digest ") && signature === sign(made) && given.username === user && given.response === due)
    return exchange.json({ authenticated: true, user, authorized: true });
  const now = String(Date.now());
  const challenge = `Digest realm="${REALM}", qop="auth", algorithm=${name}, nonce="${now}-${sign(now)}"`;
  throw new Refused(401, "the digest is missing or wrong", { "www-authenticate": challenge });
}

const COOKIE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+=[!#-+\--:<-[\]-~]*$/;

function cookies(exchange) {
  const items = (exchange.field("cookie") ?? "").split(";").map((item) => item.trim().split("="));
  exchange.json(Object.fromEntries(items.filter((item) => item.length > 1).reverse()));
}

function setCookies(exchange, items, more = "") {
  const made = items.map(([name, value]) => `${name}=${value}`);
  if (!made.every((item) => COOKIE.test(item))) throw new Refused(400, "that is no cookie");
  exchange.send(302, { location: "/cookies", "set-cookie": made.map((item) => `${item}; Path=/; HttpOnly${more}`) });
}

const deleteCookies = (exchange) => setCookies(exchange, exchange.query.map(([name]) => [name, ""]), "; Max-Age=0");

const redirect = (absolute) => (exchange) => {
  const left = exchange.whole("n", undefined, 1, 20) - 1;
  const far = absolute ?? exchange.parameter("absolute") === "true";
  const path = left ? `/${far ? "absolute" : "relative"}-redirect/${left}` : "/get";
  exchange.send(302, { location: far ? `${exchange.scheme}://${exchange.authority}${path}` : path });
};

function redirectTo(exchange) {
  const location = exchange.parameter("url", "");
  const status = exchange.whole("status_code", 302, 300, 399);
  if (!/^[!-~]+$/.test(location) || location.includes("\\")) throw new Refused(400, "url is missing or no URI reference");
  const host = new URL(location, "http://localhost").hostname;
  if (host !== "localhost" && !host.endsWith(".wireyard.test")) throw new Refused(403, `${host} is not a name of this yard`);
  exchange.send(status, { location });
}

const COMPANIONS = {
  401: { "www-authenticate": `Basic realm="${REALM}"` },
  405: { allow: "GET" },
  407: { "proxy-authenticate": `Basic realm="${REALM}"` },
};

function status(exchange) {
  const choices = exchange.parameters.codes.split(",").map((item) => item.split(":"));
  if (!choices.every(([code, weight = "1"]) => /^[2-5]\d\d$/.test(code) && /^\d+(\.\d+)?$/.test(weight)))
    throw new Refused(400, "a status is 200 to 599");
  const code = Number(pick(choices, chance(exchange)));
  if (code === 204 || code === 205 || code === 304) return exchange.send(code, {});
  return exchange.text(`Status ${code}`, code, { ...(code >= 300 && code < 400 ? { location: "/redirect/1" } : {}), ...COMPANIONS[code] });
}

function pick(choices, at) {
  const total = choices.reduce((sum, [, weight = 1]) => sum + Number(weight), 0);
  let left = at * total;
  return (choices.find(([, weight = 1]) => (left -= Number(weight)) < 0) ?? choices.at(-1))[0];
}

/** A number from 0 to 1: by the seed if there is one. */
function chance(exchange) {
  const seed = exchange.parameter("seed");
  if (seed === undefined) return Math.random();
  return crypto.createHash("sha256").update(seed).digest().readUInt32BE() / 2 ** 32;
}

const unstable = (exchange) => exchange.text("", chance(exchange) < Number(exchange.parameter("failure_rate", "0.5")) ? 500 : 200);

const OURS = /^(connection|content-length|date|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
const EARLY = /^(authorization|cache-control|content-.*|cookie|host|max-forwards|set-cookie)$/i;

function chosen(exchange, forbidden) {
  for (const [name, value] of exchange.query)
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || !/^[\t -~\u0080-\uffff]*$/.test(value) || forbidden(name))
      throw new Refused(400, `${name} is no field, or not yours to set`);
  const fields = {};
  for (const [name, value] of exchange.query) (fields[name.toLowerCase()] ??= []).push(Buffer.from(value).toString("latin1"));
  return fields;
}

function responseFields(exchange) {
  const fields = chosen(exchange, (name) => OURS.test(name));
  exchange.json(fields, 200, fields);
}

function trailers(exchange) {
  const fields = chosen(exchange, (name) => OURS.test(name) || EARLY.test(name));
  const names = Object.keys(fields).join(", ");
  exchange.response.writeHead(200, { "content-type": "application/json; charset=utf-8", ...(names ? { trailer: names } : {}) });
  exchange.response.write(JSON.stringify(exchange.describe()));
  exchange.response.addTrailers(Object.fromEntries(Object.entries(fields).map(([name, values]) => [name, values.join(", ")])));
  exchange.response.end();
}

export const access = [
  ["GET", "/basic-auth/{user}/{password}", basicAuth],
  ["GET", "/hidden-basic-auth/{user}/{password}", hiddenBasic],
  ["GET", "/bearer", bearer],
  ["GET", "/digest-auth/{qop}/{user}/{password}", digest],
  ["GET", "/digest-auth/{qop}/{user}/{password}/{algorithm}", digest],
  ["GET", "/cookies", cookies],
  ["GET", "/cookies/set", (exchange) => setCookies(exchange, exchange.query)],
  ["GET", "/cookies/set/{name}/{value}", (exchange) => setCookies(exchange, [[exchange.parameters.name, exchange.parameters.value]])],
  ["GET", "/cookies/delete", deleteCookies],
  ["GET", "/redirect/{n}", redirect(undefined)],
  ["GET", "/relative-redirect/{n}", redirect(false)],
  ["GET", "/absolute-redirect/{n}", redirect(true)],
  ["GET POST PUT DELETE PATCH", "/redirect-to", redirectTo],
  ["GET POST PUT DELETE OPTIONS PATCH", "/status/{codes}", status],
  ["GET", "/unstable", unstable],
  ["GET POST", "/response-headers", responseFields],
  ["GET POST", "/trailers", trailers],
];
