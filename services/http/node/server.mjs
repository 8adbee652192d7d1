// One HTTP role on Node's own servers: `node server.mjs`, told by WIREYARD_ROLE, _PORT, _ADDRESS and _CERTS.

import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import path from "node:path";

import { connect, upgrade } from "./tunnels.mjs";
import { answer } from "./routes.mjs";
import { remember } from "./wire.mjs";

const role = process.env.WIREYARD_ROLE ?? "http1";
const secure = role === "https" || role === "h2";
const port = Number(process.env.WIREYARD_PORT ?? (secure ? 443 : 80));
const certs = process.env.WIREYARD_CERTS ?? "/certs";
const STOP_WITHIN = 3000;

const addresses = (process.env.WIREYARD_ADDRESS ?? "*").split(",").map((word) => (word === "*" ? "::" : word));
const HTTP1 = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000, requireHostHeader: true };

function certificate() {
  const file = (name) => readFileSync(path.join(certs, name));
  return { cert: file("cert.pem"), key: file("key.pem"), minVersion: "TLSv1.2" };
}

const MAKERS = {
  http1: () => http.createServer(HTTP1),
  https: () => https.createServer({ ...HTTP1, ...certificate() }),
  h2c: () => http2.createServer({ settings: { enableConnectProtocol: true } }),
  h2: () => http2.createSecureServer({ ...HTTP1, ...certificate(), allowHTTP1: true, settings: { enableConnectProtocol: true } }),
};

function serve(address) {
  const server = MAKERS[role]();
  const sessions = new Set();
  server.on("request", (request, response) => answer(role, request, response));
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  if (role === "http1" || role === "https") {
    server.on("checkExpectation", (request, response) => {
      response.writeHead(417, { "content-length": 0 });
      response.end();
    });
    server.on("upgrade", upgrade);
    server.on("connect", connect);
  }
  server.on("connection", remember);
  server.on("error", (error) => {
    process.stderr.write(`cannot listen on ${address} port ${port}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen(port, address);
  return { server, sessions };
}

const served = addresses.map(serve);

function stop() {
  let open = served.length;
  for (const { server, sessions } of served) {
    server.close(() => (open -= 1) || process.exit(0));
    server.closeIdleConnections?.();
    for (const session of sessions) session.close();
  }
  setTimeout(() => process.exit(0), STOP_WITHIN).unref();
}

process.on("SIGTERM", stop);
process.on("SIGINT", stop);
