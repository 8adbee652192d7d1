// Everything that came from the wire enters the page here, and only as text.

const LONGEST = 300;

/** An element with classes and text; children may be nodes or strings. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Data of an event in one line: `size 64, code 0`. */
export function inWords(data) {
  return pairs(data ?? {}).join(', ');
}

function pairs(data) {
  return Object.entries(data).filter(([, value]) => said(value)).map(([name, value]) => `${name} ${one(value)}`);
}

function said(value) {
  return value !== null && value !== '' && !(typeof value === 'object' && !Object.keys(value).length);
}

function one(value) {
  const text = words(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function words(value) {
  if (Array.isArray(value)) return value.map(field).join(', ');
  if (value !== null && typeof value === 'object') return `(${pairs(value).join(', ')})`;
  return String(value);
}

/** One of a list; a pair in it is a header field. */
function field(value) {
  return Array.isArray(value) ? value.map(words).join(': ') : words(value);
}
