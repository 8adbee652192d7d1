// The table of routes, and the way from a request to its handler.

import { access } from "./access.mjs";
import { content } from "./content.mjs";
import { core } from "./core.mjs";
import { Exchange, Refused, decode } from "./exchange.mjs";
import { wire } from "./wire.mjs";

const KNOWN = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);

/** Rows of [methods, path, handler]; a path's `{name}` takes no slash, `{name*}` does. */
const TABLE = [...core, ...access, ...content, ...wire].map(([methods, path, handler]) => ({
  methods: methods.split(" ").flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])),
  path,
  pattern: new RegExp(`^${path.replace(/\./g, "\\.").replace(/\{(\w+)(\*?)\}/g, (_, name, rest) => `(?<${name}>${rest ? ".*" : "[^/]+"})`)}$`),
  handler,
}));

export const table = TABLE.map(({ methods, path }) => ({ methods, path }));

function find(exchange) {
  const rows = TABLE.filter(({ pattern }) => pattern.test(exchange.rawPath));
  if (!KNOWN.has(exchange.method)) throw new Refused(501, `the method ${exchange.method} is not implemented`);
  if (exchange.method === "TRACE") return trace;
  if (exchange.method === "OPTIONS" && exchange.rawPath === "*") return () => exchange.send(200, { allow: [...KNOWN].join(", ") });
  if (!rows.length) throw new Refused(404, `there is nothing at ${exchange.path}`);
  const row = rows.find(({ methods }) => methods.includes(exchange.method));
  const allow = [...new Set([...rows.flatMap(({ methods }) => methods), "OPTIONS"])].join(", ");
  if (!row && exchange.method === "OPTIONS") return () => exchange.send(200, { allow });
  if (!row) throw new Refused(405, `${exchange.path} allows ${allow}`, { allow });
  const groups = row.pattern.exec(exchange.rawPath).groups ?? {};
  exchange.parameters = Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decode(text)]));
  return row.handler;
}

const SECRET = /^(authorization|proxy-authorization|cookie)$/i;

/** RFC 9110 9.3.8: the head as received, without what must not come back. */
function trace(exchange) {
  const raw = exchange.request.rawHeaders;
  const fields = raw.flatMap((name, i) => (i % 2 || name.startsWith(":") || SECRET.test(name) ? [] : [`${name}: ${raw[i + 1]}\r\n`]));
  const head = `TRACE ${exchange.target} HTTP/${exchange.http2 ? "2" : exchange.request.httpVersion}\r\n${fields.join("")}\r\n`;
  exchange.send(200, { "content-type": "message/http" }, head);
}

/** Answers one request; refusals and failures become responses, a client that has gone becomes nothing. */
export async function answer(role, request, response) {
  request.on("error", () => undefined);
  response.on("error", () => undefined);
  try {
    const exchange = new Exchange(role, request, response);
    await handle(exchange).catch((error) => refuse(exchange, error));
  } catch {
    response.destroy?.();
  }
}

const handle = async (exchange) => find(exchange)(exchange, table);

function refuse(exchange, error) {
  const { response } = exchange;
  if (response.headersSent || response.destroyed) response.destroy?.();
  else if (error instanceof Refused) exchange.problem(error.status, error.message, error.fields);
  else exchange.problem(500, "the handler failed");
}
