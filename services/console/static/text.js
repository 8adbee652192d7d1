// Everything that came from the wire enters the page here, and only as text.

/** An element with classes and text; children may be nodes or strings. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Data of an event in one line: `size 64, code 0`. */
export function inWords(data) {
  return Object.entries(data ?? {}).map(([name, value]) => `${name} ${one(value)}`).join(', ');
}

function one(value) {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
