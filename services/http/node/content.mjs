// Codings, conditions, ranges, and content that takes its time or its room.

import crypto from "node:crypto";
import { once } from "node:events";
import zlib from "node:zlib";

import { LONGEST, Refused, pause } from "./exchange.mjs";
import { mirror } from "./core.mjs";

const CODERS = { br: zlib.brotliCompressSync, gzip: zlib.gzipSync, deflate: zlib.deflateSync };
const SAID = { br: "brotli", gzip: "gzipped", deflate: "deflated" };
const STARTED = new Date(Math.floor(Date.now() / 1000) * 1000);
const LONGEST_STREAM = 8 * 1024 ** 3;
const BINARY = { "content-type": "application/octet-stream" };

function coded(exchange, coding) {
  const plain = coding === "identity";
  const content = Buffer.from(JSON.stringify({ ...exchange.describe(), ...(plain ? {} : { [SAID[coding]]: true }) }));
  const fields = { "content-type": "application/json; charset=utf-8", vary: "accept-encoding" };
  exchange.send(200, plain ? fields : { ...fields, "content-encoding": coding }, plain ? content : CODERS[coding](content));
}

/** RFC 9110 12.5.3. */
function negotiated(exchange) {
  const field = exchange.field("accept-encoding");
  if (field === undefined) return coded(exchange, "identity");
  const weights = new Map();
  for (const item of field.toLowerCase().split(",")) {
    const [name, weight = "q=1"] = item.split(";").map((part) => part.trim());
    if (name) weights.set(name, Number(weight.slice(2)));
  }
  const others = weights.get("*") ?? 0;
  const plain = weights.get("identity") ?? (weights.get("*") === 0 ? 0 : 0.0005);
  const ranked = [...Object.keys(CODERS).map((name) => [weights.get(name) ?? others, name]), [plain, "identity"]];
  const [weight, best] = ranked.reduce((one, two) => (two[0] > one[0] ? two : one));
  if (!(weight > 0)) throw new Refused(406, "every coding offered is refused", { vary: "accept-encoding" });
  return coded(exchange, best);
}

const tags = (field) => [...field.matchAll(/(W\/)?"([^"]*)"/g)].map(([, weak, tag]) => ({ weak: Boolean(weak), tag }));

/** RFC 9110 13.2.2: 412, 304, or 0 to go on. */
function judge(exchange, tag, modified) {
  const read = exchange.method === "GET" || exchange.method === "HEAD";
  const held = exchange.field("if-match");
  const other = exchange.field("if-none-match");
  const date = (name) => Date.parse(exchange.field(name) ?? "");
  if (held !== undefined) {
    if (held !== "*" && !tags(held).some((one) => !one.weak && one.tag === tag)) return 412;
  } else if (modified && modified > date("if-unmodified-since")) return 412;
  if (other !== undefined) {
    const matches = other === "*" || tags(other).some((one) => one.tag === tag);
    return matches ? (read ? 304 : 412) : 0;
  }
  return read && modified && modified <= date("if-modified-since") ? 304 : 0;
}

function conditioned(exchange, tag, modified) {
  const fields = { etag: `"${tag}"`, ...(modified ? { "last-modified": modified.toUTCString() } : {}) };
  const verdict = judge(exchange, tag, modified);
  if (verdict === 412) throw new Refused(412, "the representation is another one", fields);
  if (verdict === 304) exchange.send(304, fields);
  return { done: verdict === 304, fields };
}

/** RFC 9110 14.2: spans, or null for a Range to ignore. */
function spans(exchange, size, tag) {
  const [, ranges] = /^bytes=(.*)$/i.exec(exchange.field("range") ?? "") ?? [];
  const guard = exchange.field("if-range");
  if (ranges === undefined || exchange.method !== "GET" || (guard !== undefined && guard !== `"${tag}"`)) return null;
  const found = [];
  for (const text of ranges.split(",")) {
    const [, first, last] = /^\s*(\d*)-(\d*)\s*$/.exec(text) ?? [];
    if ((!first && !last) || (first && last && Number(first) > Number(last))) return null;
    const begin = first ? Number(first) : Math.max(size - Number(last), 0);
    const end = first && last ? Math.min(Number(last), size - 1) : size - 1;
    if (begin < size && (first || Number(last))) found.push([begin, end]);
  }
  return found;
}

function ranged(exchange) {
  const size = exchange.whole("n", undefined, 1);
  const { done, fields } = conditioned(exchange, `range${size}`, STARTED);
  if (done) return;
  const content = Buffer.alloc(size, "abcdefghijklmnopqrstuvwxyz");
  const asked = spans(exchange, size, `range${size}`);
  const head = { ...BINARY, ...fields, "accept-ranges": "bytes" };
  if (asked === null) return void exchange.send(200, head, content);
  if (!asked.length) throw new Refused(416, "no byte of that range is there", { "content-range": `bytes */${size}` });
  const place = ([first, last]) => `bytes ${first}-${last}/${size}`;
  const piece = ([first, last]) => content.subarray(first, last + 1);
  if (asked.length === 1) return void exchange.send(206, { ...head, "content-range": place(asked[0]) }, piece(asked[0]));
  const boundary = crypto.randomUUID();
  const parts = asked.flatMap((span) => [
    `\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\ncontent-range: ${place(span)}\r\n\r\n`,
    piece(span),
  ]);
  const whole = Buffer.concat([...parts, `\r\n--${boundary}--\r\n`].map((part) => Buffer.from(part)));
  exchange.send(206, { ...head, "content-type": `multipart/byteranges; boundary=${boundary}` }, whole);
}

async function tagged(exchange) {
  const { done, fields } = conditioned(exchange, exchange.parameters.etag);
  if (done) return;
  if (exchange.method === "GET" || exchange.method === "HEAD") exchange.json(exchange.describe(), 200, fields);
  else await mirror(exchange, 200, fields);
}

const cached = (exchange) =>
  exchange.field("if-none-match") || exchange.field("if-modified-since")
    ? exchange.send(304, { etag: '"cached"' })
    : exchange.json(exchange.describe(), 200, { etag: '"cached"', "last-modified": STARTED.toUTCString() });

const fresh = (exchange) => exchange.json(exchange.describe(), 200, { "cache-control": `public, max-age=${exchange.whole("n", undefined, 0, 31_536_000)}` });

/** Writes pieces, waiting while the client reads too slowly; none for HEAD. */
async function stream(exchange, fields, pieces) {
  const { response } = exchange;
  response.writeHead(200, fields);
  if (exchange.method !== "HEAD")
    for await (const piece of pieces) {
      if (response.destroyed || response.writableEnded) return;
      if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
    }
  response.end();
}

function* blocks(block, size) {
  for (let left = size; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block;
}

/** Bytes that a seed gives again: a keystream. */
function noise(size, seed) {
  if (seed === undefined) return crypto.randomBytes(size);
  const key = crypto.createHash("sha256").update(seed).digest();
  return crypto.createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

function streamed(exchange) {
  const size = exchange.whole("n", undefined, 0, LONGEST_STREAM);
  const step = exchange.whole("chunk_size", 65_536, 1);
  return stream(exchange, BINARY, blocks(noise(Math.max(1, Math.min(size, step)), exchange.parameter("seed")), size));
}

function download(exchange) {
  const size = exchange.whole("n", undefined, 0, LONGEST_STREAM);
  return stream(exchange, { ...BINARY, "content-length": size }, blocks(Buffer.alloc(65_536), size));
}

const sized = (exchange) => exchange.send(200, BINARY, noise(exchange.whole("n"), exchange.parameter("seed")));

async function upload(exchange) {
  const hash = crypto.createHash("sha256");
  let size = 0;
  for await (const piece of exchange.request) {
    size += piece.length;
    hash.update(piece);
  }
  exchange.json({ size, sha256: hash.digest("hex") });
}

function lines(exchange) {
  const count = exchange.whole("n", undefined, 1, 100);
  const made = Array.from({ length: count }, (_, id) => `${JSON.stringify({ id, ...exchange.describe() })}\n`);
  return stream(exchange, { "content-type": "application/jsonl; charset=utf-8" }, made);
}

async function* paced(count, duration, make) {
  for (let number = 0; number < count; number += 1) {
    if (number) await pause(duration / Math.max(count - 1, 1));
    yield make(number);
  }
}

async function delay(exchange) {
  await pause(exchange.seconds("seconds"));
  await mirror(exchange);
}

async function times(exchange) {
  const wait = exchange.seconds("delay", 0);
  const duration = exchange.seconds("duration", 2);
  if (wait + duration > LONGEST) throw new Refused(400, `longer than ${LONGEST} seconds`);
  await pause(wait);
  return duration;
}

async function drip(exchange) {
  const count = exchange.whole("numbytes", 10, 1, 10_000);
  const duration = await times(exchange);
  await stream(exchange, { ...BINARY, "content-length": count }, paced(count, duration, () => "*"));
}

async function events(exchange) {
  const count = exchange.whole("count", 10, 1, 1000);
  const duration = await times(exchange);
  const last = exchange.field("last-event-id");
  const first = /^\d{1,9}$/.test(last ?? "") ? Number(last) + 1 : 0;
  const make = (i) => `id: ${first + i}\nevent: ping\ndata: ${JSON.stringify({ id: first + i, timestamp: Date.now() })}\n\n`;
  await stream(exchange, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store" }, paced(count, duration, make));
}

export const content = [
  ["GET", "/gzip", (exchange) => coded(exchange, "gzip")],
  ["GET", "/deflate", (exchange) => coded(exchange, "deflate")],
  ["GET", "/brotli", (exchange) => coded(exchange, "br")],
  ["GET", "/coding", negotiated],
  ["GET", "/range/{n}", ranged],
  ["GET PUT POST PATCH DELETE", "/etag/{etag}", tagged],
  ["GET", "/cache", cached],
  ["GET", "/cache/{n}", fresh],
  ["GET", "/bytes/{n}", sized],
  ["GET", "/stream-bytes/{n}", streamed],
  ["GET", "/download/{n}", download],
  ["POST PUT", "/upload", upload],
  ["GET", "/stream/{n}", lines],
  ["GET", "/jsonl/{n}", lines],
  ["GET POST PUT DELETE PATCH", "/delay/{seconds}", delay],
  ["GET", "/drip", drip],
  ["GET", "/sse", events],
];
