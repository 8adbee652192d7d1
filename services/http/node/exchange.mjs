// What every handler needs: bounded reading, plain answers, the request as go-httpbin describes it.

import zlib from "node:zlib";

export const LARGEST = 1024 * 1024;
export const LONGEST = 10;

export class Refused extends Error {
  constructor(status, words, fields = {}) {
    super(words);
    this.status = status;
    this.fields = fields;
  }
}

const PHRASES = { 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 501: "Not Implemented" };

/** The request, its response, and what the route's path said. */
export class Exchange {
  constructor(role, request, response) {
    this.role = role;
    this.request = request;
    this.response = response;
    this.http2 = request.httpVersionMajor === 2;
    this.method = request.method;
    this.target = Buffer.from(request.url, "latin1").toString("utf8");
    const [path, ...query] = this.target.replace(/^https?:\/\/[^/?]*/, "").split("?");
    this.rawPath = path || "/";
    this.path = decode(this.rawPath);
    this.query = pairs(query.join("?"));
    this.authority = (this.http2 ? request.authority : "") || request.headers.host || "";
    this.scheme = request.socket?.encrypted || role === "h2" ? "https" : "http";
    this.parameters = {};
  }

  field(name) {
    return this.request.headers[name];
  }

  parameter(name, fallback) {
    return this.query.find(([key]) => key === name)?.[1] ?? fallback;
  }

  whole(name, fallback, low = 0, high = LARGEST) {
    const text = String(this.parameters[name] ?? this.parameter(name, fallback));
    const value = Number(text);
    if (!/^\d{1,15}$/.test(text) || value < low || value > high)
      throw new Refused(400, `${name}=${text}: not a whole number from ${low} to ${high}`);
    return value;
  }

  seconds(name, fallback) {
    const found = /^(\d{1,9}(?:\.\d{1,9})?)(s|ms)?$/.exec(this.parameters[name] ?? this.parameter(name, String(fallback)));
    const value = found ? Number(found[1]) * (found[2] === "ms" ? 1e-3 : 1) : NaN;
    if (!(value <= LONGEST)) throw new Refused(400, `${name}: not a time of at most ${LONGEST} seconds`);
    return value;
  }

  /** The content, decoded if asked. */
  async content(limit = LARGEST, decoded = false) {
    const pieces = [];
    let size = 0;
    for await (const piece of this.request) {
      size += piece.length;
      if (size > limit) throw new Refused(413, `the content is larger than ${limit} bytes`);
      pieces.push(piece);
    }
    const content = Buffer.concat(pieces);
    return decoded ? this.#decode(content, limit) : content;
  }

  #decode(content, limit) {
    const codings = (this.field("content-encoding") ?? "").split(",").map((word) => word.trim().toLowerCase());
    return codings.reverse().reduce((made, coding) => {
      if (coding === "" || coding === "identity") return made;
      if (!DECODERS[coding]) throw new Refused(415, `${coding} is not known`, { "accept-encoding": "gzip, deflate, br" });
      try {
        return DECODERS[coding](made, { maxOutputLength: limit });
      } catch (error) {
        const tooLarge = error.code === "ERR_BUFFER_TOO_LARGE";
        throw new Refused(tooLarge ? 413 : 400, `the content cannot be decoded: ${error.message}`);
      }
    }, content);
  }

  send(status, fields, body = "") {
    const content = Buffer.from(body);
    const bodiless = status === 204 || status === 304;
    const length = bodiless ? {} : { "content-length": content.length };
    this.response.writeHead(status, { ...fields, ...length });
    this.response.end(this.method === "HEAD" || bodiless ? undefined : content);
  }

  json(value, status = 200, fields = {}) {
    this.send(status, { "content-type": "application/json; charset=utf-8", ...fields }, JSON.stringify(value));
  }

  text(value, status = 200, fields = {}) {
    this.send(status, { "content-type": "text/plain; charset=utf-8", ...fields }, value);
  }

  problem(status, detail, fields = {}) {
    this.json({ status_code: status, error: PHRASES[status] ?? "Error", detail }, status, fields);
  }

  describe() {
    return {
      args: grouped(this.query),
      headers: this.headers(),
      method: this.method,
      origin: this.request.socket.remoteAddress.replace("::ffff:", ""),
      url: `${this.scheme}://${this.authority}${this.target}`,
    };
  }

  headers() {
    const names = this.request.rawHeaders.filter((_, i) => i % 2 === 0);
    const values = this.request.rawHeaders.filter((_, i) => i % 2 === 1);
    const given = names.map((name, i) => [canonical(name), values[i]]);
    const kept = given.filter(([name]) => !name.startsWith(":") && name !== "Host");
    return grouped([["Host", this.authority], ...kept]);
  }
}

const DECODERS = { gzip: zlib.gunzipSync, deflate: zlib.inflateSync, br: zlib.brotliDecompressSync };

const canonical = (name) => name.replace(/[^-]+/g, (part) => part[0].toUpperCase() + part.slice(1).toLowerCase());

export const pairs = (query) => [...new URLSearchParams(query)];

export function grouped(items) {
  const groups = {};
  for (const [name, value] of items) (groups[name] ??= []).push(value);
  return groups;
}

export function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, Math.ceil(seconds * 1000)));
