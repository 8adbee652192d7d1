// What Node says to each case of url_cases.py: one of DONE, by its name, with its words.
const url = require('node:url');

const NAMES = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search',
  'hash'];
const parts = (u) => Object.fromEntries(NAMES.map((name) => [name, u[name]]));
const plain = (value) => {
  if (value === undefined) return null;
  return value && typeof value === 'object' && !Array.isArray(value) ? [...value] : value;
};

const DONE = {
  parse(text, base) {
    const u = new URL(text, base ?? undefined);
    return { ...parts(u), params: [...u.searchParams] };
  },
  set(text, changes) {
    const u = new URL(text);
    for (const [name, value] of changes) u[name] = value;
    return parts(u);
  },
  params(text, steps) {
    const u = new URL(text);
    const step = (method, words) => method === 'size' ? u.searchParams.size : u.searchParams[method](...words);
    const results = steps.map(([method, ...words]) => plain(step(method, words)));
    return { href: u.href, results };
  },
  options: (text) => ({ ...url.urlToHttpOptions(new URL(text)) }),
  ascii: url.domainToASCII,
  unicode: url.domainToUnicode,
  file: (path) => url.pathToFileURL(path).href,
  path: (text) => url.fileURLToPath(text),
};

const cases = JSON.parse(require('node:fs').readFileSync(0));
console.log(JSON.stringify(cases.map(([kind, words]) => {
  try {
    return { is: DONE[kind](...words) };
  } catch (error) {
    return { code: error.code ?? error.name };
  }
})));
