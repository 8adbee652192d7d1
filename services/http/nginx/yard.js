// The yard's routes as far as njs carries them. njs is a subset of JavaScript: no Map, no spread of calls.

import crypto from "crypto";

var TODOS = {
  zhangsan: [{ name: "birth", introduce: "过生日" }],
  lisi: [{ name: "hospital", introduce: "医院复诊" }],
};
var KNOWN = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
var PHRASES = { 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 501: "Not Implemented" };
var REALM = "wireyard";

// -- answering ------------------------------------------------------------------------------------

function set(r, fields) {
  Object.keys(fields || {}).forEach(function (name) {
    r.headersOut[name] = fields[name];
  });
}

function json(r, value, status, fields) {
  set(r, fields);
  r.headersOut["Content-Type"] = "application/json; charset=utf-8";
  r.return(status || 200, JSON.stringify(value));
}

function problem(r, status, detail, fields) {
  json(r, { status_code: status, error: PHRASES[status] || "Error", detail: detail }, status, fields);
}

function found(r, location, status) {
  r.headersOut.Location = location;
  r.headersOut["Content-Length"] = "0";
  r.status = status || 302;
  r.sendHeader();
  r.finish();
}

// -- what the client sent -------------------------------------------------------------------------

function decode(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch (e) {
    return text;
  }
}

function pairs(text) {
  return text.split("&").filter(Boolean).map(function (item) {
    var at = item.indexOf("=");
    return at < 0 ? [decode(item), ""] : [decode(item.slice(0, at)), decode(item.slice(at + 1))];
  });
}

function grouped(items) {
  var groups = {};
  items.forEach(function (pair) {
    (groups[pair[0]] = groups[pair[0]] || []).push(pair[1]);
  });
  return groups;
}

function query(r) {
  return pairs(r.variables.args || "");
}

function parameter(r, name, fallback) {
  var first = query(r).filter(function (pair) { return pair[0] === name; })[0];
  return first ? first[1] : fallback;
}

function canonical(name) {
  return name.split("-").map(function (part) { return part.charAt(0).toUpperCase() + part.slice(1).toLowerCase(); }).join("-");
}

function target(r) {
  return r.variables.request_uri;
}

function describe(r) {
  var fields = r.rawHeadersIn.map(function (pair) { return [canonical(pair[0]), pair[1]]; });
  var others = fields.filter(function (pair) { return pair[0] !== "Host"; });
  return {
    args: grouped(query(r)),
    headers: grouped([["Host", r.headersIn.Host]].concat(others)),
    method: r.method,
    origin: r.remoteAddress,
    url: r.variables.scheme + "://" + r.headersIn.Host + target(r),
  };
}

function mirror(r) {
  var media = (r.headersIn["Content-Type"] || "").split(";")[0].trim().toLowerCase();
  var said = describe(r);
  var raw = r.requestBuffer || Buffer.from("");
  said.data = raw.toString("utf8");
  said.files = {};
  said.form = {};
  said.json = null;
  if (media === "application/x-www-form-urlencoded") {
    said.form = grouped(pairs(said.data));
  } else if (media === "application/json" && raw.length) {
    try {
      said.json = JSON.parse(said.data);
    } catch (e) {
      return problem(r, 400, "the content is not JSON: " + e.message);
    }
  } else if (raw.length && media.slice(0, 5) !== "text/") {
    said.data = "data:" + (media || "application/octet-stream") + ";base64," + raw.toString("base64");
  }
  return json(r, said);
}

function dump(r) {
  var lines = r.rawHeadersIn.map(function (pair) { return pair[0] + ": " + pair[1]; });
  var version = r.httpVersion === "2.0" ? "2" : r.httpVersion;
  r.headersOut["Content-Type"] = "text/plain; charset=utf-8";
  r.return(200, [r.method + " " + target(r) + " HTTP/" + version].concat(lines, "", r.requestText || "").join("\r\n"));
}

function echo(r) {
  json(r, {
    method: r.method,
    target: target(r),
    version: r.httpVersion,
    fields: r.rawHeadersIn,
    body: r.requestText || "",
    trailers: [],
  });
}

// -- the tutorial, and who answers ----------------------------------------------------------------

function index(r) {
  var version = r.httpVersion === "2.0" ? "2" : r.httpVersion;
  var said = {
    role: r.variables.yard_role,
    implementation: "nginx",
    protocol: "HTTP/" + version,
    scheme: r.variables.scheme,
    authority: r.headersIn.Host,
    peer: r.remoteAddress + ":" + r.variables.remote_port,
    alpn: r.variables.ssl_alpn_protocol || null,
  };
  var rows = ROUTES.map(function (row) { return { methods: row[0].split(" "), path: row[1] }; });
  r.headersOut.Vary = "accept";
  if (!/text\/html/.test(r.headersIn.Accept || "")) {
    said.routes = rows;
    return json(r, said);
  }
  r.headersOut["Content-Type"] = "text/html; charset=utf-8";
  var items = rows.map(function (row) { return "<li><b>" + row.methods.join(" ") + "</b> <code>" + row.path + "</code>"; });
  return r.return(200, '<!doctype html>\n<html lang="en">\n<title>Wireyard on nginx</title>\n<ul>\n' + items.join("\n") + "\n</ul>\n</html>\n");
}

function todos(r) {
  var name = parameter(r, "name", "");
  json(r, TODOS[name] || "");
}

function todosByBody(r) {
  var body = r.requestText || "";
  if (body.length > 8192) return problem(r, 413, "the body is larger than 8192 bytes");
  var value = null;
  try {
    value = JSON.parse(body);
  } catch (e) {
    return problem(r, 400, "the body is not JSON");
  }
  if (!value || typeof value.name !== "string") return problem(r, 400, 'the body is not a JSON object with a string "name"');
  return json(r, TODOS[value.name] || "");
}

// -- credentials ----------------------------------------------------------------------------------

function basic(r, path) {
  var given = /^basic (.+)$/i.exec(r.headersIn.Authorization || "");
  var words = given ? Buffer.from(given[1], "base64").toString("utf8") : "";
  var right = words !== "" && words === path[1] + ":" + path[2];
  return { authenticated: right, user: words.split(":")[0], authorized: right };
}

function basicAuth(r, path) {
  var said = basic(r, path);
  json(r, said, said.authorized ? 200 : 401, said.authorized ? {} : { "WWW-Authenticate": 'Basic realm="' + REALM + '"' });
}

function hiddenBasic(r, path) {
  var said = basic(r, path);
  return said.authorized ? json(r, said) : problem(r, 404, "there is nothing here");
}

function bearer(r) {
  var token = /^bearer ([^ ]+)$/i.exec(r.headersIn.Authorization || "");
  if (!token) return problem(r, 401, "a bearer token is missing", { "WWW-Authenticate": 'Bearer realm="' + REALM + '"' });
  return json(r, { authenticated: true, token: token[1] });
}

// The key comes from `start`: njs runs this file anew for each request.
function sign(r, words) {
  return crypto.createHmac("sha256", r.variables.yard_key).update(words).digest("hex").slice(0, 32);
}

function digest(r, path) {
  var name = { md5: "MD5", "sha-256": "SHA-256" }[(path[4] || "md5").toLowerCase()];
  if (!name || path[1] !== "auth") return problem(r, 400, "only qop=auth with MD5 or SHA-256");
  var hash = function (words) { return crypto.createHash(name.toLowerCase().replace("-", "")).update(words.join(":")).digest("hex"); };
  var field = r.headersIn.Authorization || "";
  var given = {};
  field.replace(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g, function (all, key, quoted, token) { given[key] = quoted || token || ""; return ""; });
  var nonce = (given.nonce || "").split("-");
  var first = hash([path[2], REALM, path[3]]);
  var due = hash([first, given.nonce, given.nc, given.cnonce, "auth", hash([r.method, target(r)])]);
  if (field.slice(0, 7) === "Digest " && nonce[1] === sign(r, nonce[0]) && given.username === path[2] && given.response === due)
    return json(r, { authenticated: true, user: path[2], authorized: true });
  var now = String(Date.now());
  var challenge = 'Digest realm="' + REALM + '", qop="auth", algorithm=' + name + ', nonce="' + now + "-" + sign(r, now) + '"';
  return problem(r, 401, "the digest is missing or wrong", { "WWW-Authenticate": challenge });
}

// -- cookies, redirections, statuses, fields ------------------------------------------------------

function cookies(r) {
  var jar = {};
  (r.headersIn.Cookie || "").split(";").forEach(function (item) {
    var at = item.indexOf("=");
    if (at > 0) jar[item.slice(0, at).trim()] = item.slice(at + 1).trim();
  });
  json(r, jar);
}

function setCookies(r, items, more) {
  var made = items.map(function (pair) { return pair[0] + "=" + pair[1]; });
  var good = made.every(function (item) { return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+=[!#-+\--:<-\[\]-~]*$/.test(item); });
  if (!good) return problem(r, 400, "that is no cookie");
  r.headersOut["Set-Cookie"] = made.map(function (item) { return item + "; Path=/; HttpOnly" + (more || ""); });
  return found(r, "/cookies");
}

function deleteCookies(r) {
  setCookies(r, query(r).map(function (pair) { return [pair[0], ""]; }), "; Max-Age=0");
}

function redirect(far) {
  return function (r, path) {
    var n = Number(path[1]);
    if (!/^\d{1,2}$/.test(path[1]) || n < 1 || n > 20) return problem(r, 400, "not a whole number from 1 to 20");
    var absolute = far === null ? parameter(r, "absolute") === "true" : far;
    var next = n === 1 ? "/get" : (absolute ? "/absolute-redirect/" : "/relative-redirect/") + (n - 1);
    return found(r, absolute ? r.variables.scheme + "://" + r.headersIn.Host + next : next);
  };
}

function redirectTo(r) {
  var location = parameter(r, "url", "");
  var status = Number(parameter(r, "status_code", "302"));
  var good = /^[!-\[\]-~]+$/.test(location) && !/^(?!https?:\/\/)[a-z][a-z0-9+.-]*:/i.test(location);
  if (!good || !(status >= 300 && status < 400)) return problem(r, 400, "url or status_code is wrong");
  var host = /^(?:[a-z]+:)?\/\/([^\/:?#]*)/i.exec(location);
  if (host && !/(^|\.)(localhost|wireyard\.test)$/.test(host[1])) return problem(r, 403, host[1] + " is not a name of this yard");
  return found(r, location, status);
}

function chance(r) {
  var seed = parameter(r, "seed");
  return seed === undefined ? Math.random() : parseInt(crypto.createHash("sha256").update(seed).digest("hex").slice(0, 8), 16) / 4294967296;
}

function status(r, path) {
  var choices = path[1].split(",").map(function (item) { return item.split(":"); });
  var good = choices.every(function (one) { return /^[2-5]\d\d$/.test(one[0]) && /^\d+(\.\d+)?$/.test(one[1] || "1"); });
  if (!good) return problem(r, 400, "a status is 200 to 599");
  var total = choices.reduce(function (sum, one) { return sum + Number(one[1] || 1); }, 0);
  var left = chance(r) * total;
  var chosen = choices.filter(function (one) { var hit = left >= 0 && (left -= Number(one[1] || 1)) < 0; return hit; })[0] || choices[0];
  var code = Number(chosen[0]);
  if (code === 401) r.headersOut["WWW-Authenticate"] = 'Basic realm="' + REALM + '"';
  if (code === 405) r.headersOut.Allow = "GET";
  r.status = code;
  r.headersOut["Content-Length"] = "0";
  r.sendHeader();
  r.finish();
  return undefined;
}

function unstable(r) {
  r.return(chance(r) < Number(parameter(r, "failure_rate", "0.5")) ? 500 : 200, "\n");
}

function responseFields(r) {
  var items = query(r);
  var ours = /^(connection|content-length|date|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
  var good = items.every(function (pair) {
    return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(pair[0]) && /^[\t -~\u0080-\uffff]*$/.test(pair[1]) && !ours.test(pair[0]);
  });
  if (!good) return problem(r, 400, "that is no field, or not yours to set");
  var fields = grouped(items);
  set(r, fields);
  return json(r, fields);
}

function bounded(r) {
  problem(r, 400, "out of bounds");
}

// -- the table ------------------------------------------------------------------------------------

var ANY = "GET POST PUT DELETE OPTIONS PATCH";

function get(make) {
  return function (r) { json(r, make(r)); };
}

var ROUTES = [
  ["GET", "/", index],
  ["GET", "/todos", todos],
  ["POST", "/todos", todosByBody],
  [ANY, "/echo", echo],
  ["GET", "/get", get(describe)],
  ["GET", "/head", get(describe)],
  ["POST", "/post", mirror],
  ["PUT", "/put", mirror],
  ["PATCH", "/patch", mirror],
  ["DELETE", "/delete", mirror],
  [ANY, "/anything", mirror],
  [ANY, "/anything/{rest*}", mirror],
  ["GET", "/headers", get(function (r) { return { headers: describe(r).headers }; })],
  ["GET", "/ip", get(function (r) { return { origin: r.remoteAddress }; })],
  ["GET", "/user-agent", get(function (r) { return { "user-agent": r.headersIn["User-Agent"] || "" }; })],
  ["GET", "/hostname", get(function (r) { return { hostname: r.variables.hostname }; })],
  ["GET", "/env", get(function () { return { env: {} }; })],
  ["GET", "/version", get(function (r) { return { version: r.variables.nginx_version }; })],
  [ANY, "/dump/request", dump],
  ["GET", "/basic-auth/{user}/{password}", basicAuth],
  ["GET", "/hidden-basic-auth/{user}/{password}", hiddenBasic],
  ["GET", "/bearer", bearer],
  ["GET", "/digest-auth/{qop}/{user}/{password}", digest],
  ["GET", "/digest-auth/{qop}/{user}/{password}/{algorithm}", digest],
  ["GET", "/cookies", cookies],
  ["GET", "/cookies/set", function (r) { setCookies(r, query(r)); }],
  ["GET", "/cookies/delete", deleteCookies],
  ["GET", "/redirect/{n}", redirect(null)],
  ["GET", "/relative-redirect/{n}", redirect(false)],
  ["GET", "/absolute-redirect/{n}", redirect(true)],
  ["GET POST PUT DELETE PATCH", "/redirect-to", redirectTo],
  [ANY, "/status/{codes}", status],
  ["GET", "/unstable", unstable],
  ["GET POST", "/response-headers", responseFields],
  ["GET", "/bytes/{n}", bounded],
  ["GET", "/delay/{n}", bounded],
];

ROUTES.forEach(function (row) {
  row.push(new RegExp("^" + row[1].replace(/\{\w+\*\}/g, ".*").replace(/\{\w+\}/g, "([^/]+)") + "$"));
});

function answer(r) {
  var path = target(r).replace(/^https?:\/\/[^\/?]*/, "").split("?")[0];
  var method = r.method === "HEAD" ? "GET" : r.method;
  if (KNOWN.indexOf(r.method) < 0) return problem(r, 501, "the method " + r.method + " is not implemented");
  var rows = ROUTES.filter(function (row) { return row[3].test(path); });
  if (!rows.length) return problem(r, 404, "there is nothing at " + path);
  var row = rows.filter(function (one) { return one[0].split(" ").indexOf(method) >= 0; })[0];
  if (row) return row[2](r, row[3].exec(path).map(decode));
  var allow = rows.map(function (one) { return one[0].split(" ").join(", ").replace("GET", "GET, HEAD"); }).join(", ");
  return problem(r, 405, path + " allows " + allow, { Allow: allow });
}

export default { answer };
