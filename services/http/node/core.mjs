// Who answers, the tutorial's route, and the mirrors.

import os from "node:os";

import { Refused, grouped, pairs } from "./exchange.mjs";

const TODOS = {
  zhangsan: [{ name: "birth", introduce: "过生日" }],
  lisi: [{ name: "hospital", introduce: "医院复诊" }],
};
const TODO_LIMIT = 8 * 1024;

function index(exchange, table) {
  const { role, request, http2, scheme, authority } = exchange;
  const said = {
    role,
    implementation: "node",
    protocol: http2 ? "HTTP/2" : `HTTP/${request.httpVersion}`,
    scheme,
    authority,
    peer: `${request.socket.remoteAddress}:${request.socket.remotePort}`,
    alpn: request.socket.alpnProtocol || null,
  };
  if (!/text\/html/.test(exchange.field("accept") ?? "")) return exchange.json({ ...said, routes: table }, 200, { vary: "accept" });
  const rows = table.map(({ methods, path }) => `<li><b>${methods.join(" ")}</b> <code>${path}</code>`).join("\n");
  const page = `<!doctype html>\n<html lang="en">\n<title>Wireyard: ${role} on Node</title>\n<h1>${role}</h1>\n<ul>\n${rows}\n</ul>\n</html>\n`;
  return exchange.send(200, { "content-type": "text/html; charset=utf-8", vary: "accept" }, page);
}

const todosByQuery = (exchange) => exchange.json(TODOS[exchange.parameter("name")] ?? "");

/** Answered as soon as the JSON object is complete; the request's end is not waited for. */
async function todosByBody(exchange) {
  let body = Buffer.alloc(0);
  const value = await new Promise((resolve, reject) => {
    exchange.request.on("data", (piece) => {
      body = Buffer.concat([body, piece]);
      const complete = parse(body);
      if (complete !== undefined) resolve(complete);
      else if (body.length > TODO_LIMIT) reject(new Refused(413, `the body is larger than ${TODO_LIMIT} bytes`));
    });
    exchange.request.on("end", () => reject(new Refused(400, "the body is not a JSON object")));
    exchange.request.on("close", () => reject(new Refused(400, "the body is not whole")));
  });
  if (typeof value?.name !== "string") throw new Refused(400, 'the body is not a JSON object with a string "name"');
  exchange.json(TODOS[value.name] ?? "");
}

function parse(body) {
  if (body.length > TODO_LIMIT || !/[}\]]\s*$/.test(body.toString("latin1"))) return undefined;
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

async function echo(exchange) {
  const body = await exchange.content();
  const raw = exchange.request.rawHeaders;
  const list = (items) => items.flatMap((name, i) => (i % 2 ? [] : [[name, items[i + 1]]]));
  exchange.json({
    method: exchange.method,
    target: exchange.target,
    version: exchange.http2 ? "2" : exchange.request.httpVersion,
    fields: list(raw).filter(([name]) => !name.startsWith(":")),
    body: body.toString("utf8"),
    trailers: list(exchange.request.rawTrailers ?? []),
  });
}

async function described(exchange) {
  const content = await exchange.content(undefined, true);
  const media = (exchange.field("content-type") ?? "").split(";")[0].trim().toLowerCase();
  const said = { ...exchange.describe(), data: content.toString("utf8"), files: {}, form: {}, json: null };
  if (media === "application/json" && content.length) said.json = json(content);
  else if (media === "application/x-www-form-urlencoded") said.form = grouped(pairs(said.data));
  else if (content.length && !media.startsWith("text/") && media !== "application/json")
    said.data = `data:${media || "application/octet-stream"};base64,${content.toString("base64")}`;
  return said;
}

function json(content) {
  try {
    return JSON.parse(content.toString("utf8"));
  } catch (error) {
    throw new Refused(400, `the content is not JSON: ${error.message}`);
  }
}

export const mirror = async (exchange, status = 200, fields = {}) => exchange.json(await described(exchange), status, fields);

async function dump(exchange) {
  const { request } = exchange;
  const body = await exchange.content();
  const lines = request.rawHeaders.flatMap((name, i) => (i % 2 || name.startsWith(":") ? [] : [`${name}: ${request.rawHeaders[i + 1]}`]));
  exchange.text([`${exchange.method} ${exchange.target} HTTP/${request.httpVersion}`, ...lines, "", body].join("\r\n"));
}

async function interim(exchange) {
  const statuses = exchange.parameters.statuses.split(",").map(Number);
  for (const status of statuses) {
    if (!(status >= 102 && status <= 199)) throw new Refused(400, `${status} is no interim status`);
    const fields = status === 103 ? { link: "</style.css>; rel=preload; as=style" } : {};
    if (exchange.http2) exchange.response.stream.additionalHeaders({ ":status": status, ...fields });
    else if (status === 103) exchange.response.writeEarlyHints(fields);
    else if (status === 102) exchange.response.writeProcessing();
    else throw new Refused(501, "Node's http sends 102 and 103 alone");
  }
  exchange.json({ interim: statuses });
}

const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("WIREYARD_DEMO_")));
const ANY = "GET POST PUT DELETE OPTIONS PATCH";
const get = (handler) => (exchange) => exchange.json(handler(exchange));

export const core = [
  ["GET", "/", index],
  ["GET", "/todos", todosByQuery],
  ["POST", "/todos", todosByBody],
  [ANY, "/echo", echo],
  ["GET", "/get", get((exchange) => exchange.describe())],
  ["GET", "/head", get((exchange) => exchange.describe())],
  ["POST", "/post", (exchange) => mirror(exchange)],
  ["PUT", "/put", (exchange) => mirror(exchange)],
  ["PATCH", "/patch", (exchange) => mirror(exchange)],
  ["DELETE", "/delete", (exchange) => mirror(exchange)],
  [ANY, "/anything", (exchange) => mirror(exchange)],
  [ANY, "/anything/{rest*}", (exchange) => mirror(exchange)],
  ["GET", "/headers", get((exchange) => ({ headers: exchange.headers() }))],
  ["GET", "/ip", get((exchange) => ({ origin: exchange.describe().origin }))],
  ["GET", "/user-agent", get((exchange) => ({ "user-agent": exchange.field("user-agent") ?? "" }))],
  ["GET", "/hostname", get(() => ({ hostname: os.hostname() }))],
  ["GET", "/env", get(() => ({ env: environment() }))],
  ["GET", "/version", get(() => ({ version: process.version }))],
  [ANY, "/dump/request", dump],
  ["GET POST", "/interim/{statuses}", interim],
];
