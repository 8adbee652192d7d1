'use strict';
// Filters live in the fragment, so that a link shows what its sender saw; so does the open dialog (`run=`).
const data = JSON.parse(document.getElementById('data').textContent);
const filters = document.getElementById('filters');
const details = document.getElementById('details');
const symbols = { passed: '✓', failed: '✗', stale: '!', flaky: '~', declined: '–', skipped: '·' };
const severity = ['failed', 'stale', 'flaky', 'passed', 'declined', 'skipped'];
const query = () => new URLSearchParams(location.hash.slice(1));

function filter() {
  const wanted = Object.fromEntries(new FormData(filters));
  const asked = document.querySelector('section.clients');
  for (const row of asked?.querySelectorAll('tr[data-run]') ?? []) {
    row.hidden = Boolean(wanted.role && row.dataset.run !== wanted.role) || Boolean(wanted.implementation && row.dataset.by !== wanted.implementation)
      || Boolean(wanted.state && !row.querySelector(`td[data-state="${wanted.state}"]`));
  }
  if (asked) asked.hidden = Boolean(wanted.feature || wanted.tier) || !asked.querySelector('tr[data-run]:not([hidden])');
  for (const section of document.querySelectorAll('section[data-role]')) {
    let rows = 0;
    for (const cell of section.querySelectorAll('[data-implementation]')) {
      cell.hidden = Boolean(wanted.implementation) && cell.dataset.implementation !== wanted.implementation;
    }
    for (const row of section.querySelectorAll('tr[data-feature]')) {
      const shown = [...row.querySelectorAll('td')].some((cell) => !cell.hidden && (!wanted.state || cell.dataset.state === wanted.state));
      row.hidden = !shown || !row.dataset.feature.includes(wanted.feature) || Boolean(wanted.tier && row.dataset.tier !== wanted.tier);
      rows += !row.hidden;
    }
    const judged = section.querySelector('thead th[data-implementation]:not([hidden])');
    section.hidden = !rows || !judged || Boolean(wanted.role && section.dataset.role !== wanted.role);
  }
  document.getElementById('nothing').hidden = Boolean(document.querySelector('section:not([hidden])'));
}

function element(name, text, ...children) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

function line(test) {
  const mark = element('b', symbols[test.outcome]);
  mark.className = test.outcome;
  const item = element('li', '', mark, ` ${test.id} `, element('small', [...test.clauses.map((c) => `RFC ${c}`), `${test.seconds.toFixed(2)} s`].join(', ')));
  for (const text of [test.reason, test.known && `known${test.sometimes ? ', now and then' : ''}: ${test.known}`]) if (text) item.append(element('div', text));
  if (test.link?.startsWith('https://')) item.append(Object.assign(element('a', test.link), { href: test.link }));
  if (test.detail) item.append(element('pre', test.detail));
  return item;
}

function facts(run) {
  const list = element('dl');
  const told = {
    versions: Object.entries(run.versions).map((pair) => pair.join(' ')).join(', '), image: run.image, finding: run.finding,
    ready: `after ${run.ready} s`, 'ended by SIGTERM': `after ${run.stopped} s`, judged: `in ${run.seconds} s`,
  };
  for (const [name, text] of Object.entries(told)) if (text) list.append(element('dt', name), element('dd', text));
  if (run.log) list.append(element('dt', 'log'), element('dd', '', Object.assign(element('a', run.log), { href: run.log })));
  return list;
}

function open() {
  const asked = query();
  const run = data.runs.find((candidate) => `${candidate.role}.${candidate.implementation}` === asked.get('run'));
  if (!run) { details.close(); return; }
  const [feature, client] = [asked.get('feature'), asked.get('client')];
  const tests = run.tests.filter((test) => client ? test.client === client : !feature || test.features.includes(feature));
  tests.sort((one, other) => severity.indexOf(one.outcome) - severity.indexOf(other.outcome));
  document.getElementById('title').textContent = [`${run.role}=${run.implementation}`, client ?? feature].filter(Boolean).join(': ');
  const list = element('ul', '', ...tests.map(line));
  document.getElementById('body').replaceChildren(facts(run), list);
  if (!details.open) details.showModal();
}

function remember() {
  const kept = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value));
  history.replaceState(null, '', `#${kept}`);
}

function restore() {
  if (!query().has('run')) for (const field of filters.elements) field.value = query().get(field.name) ?? '';
  filter();
  open();
}

filters.addEventListener('input', () => { remember(); filter(); });
filters.addEventListener('submit', (event) => event.preventDefault());
details.addEventListener('close', remember);
window.addEventListener('hashchange', restore);
restore();
