// The list of services: the graph in words, with what is measured.
import { element } from './text.js';

export class Services {
  constructor(yard) {
    this.rows = new Map();
    const body = document.getElementById('service-rows');
    for (const service of yard.services.filter((candidate) => candidate.port)) {
      const row = this.row(service);
      this.rows.set(service.role, row);
      body.append(row.line);
    }
  }

  row(service) {
    const state = element('td', 'state', service.journal ? '…' : 'no journal');
    const numbers = [0, 1, 2].map(() => element('td', 'number', ''));
    const [suite, matrix] = [element('td'), element('td')];
    const implementation = element('td', '', service.implementation);
    const host = element('td', 'wire', service.host ?? 'not published');
    const line = element('tr', '', element('th', '', service.role), implementation, host, state, ...numbers, suite, matrix);
    line.firstChild.scope = 'row';
    return { line, implementation, host, state, numbers, suite, matrix, journal: service.journal };
  }

  /** The states that the console gathered. */
  update(states) {
    for (const { role, healthy, reason, open, rate, cpu, followed } of states) {
      const row = this.rows.get(role);
      if (!row) continue;
      row.line.classList.toggle('followed', Boolean(followed));
      if (!row.journal || healthy === undefined) continue;
      row.state.className = `state ${healthy ? 'up' : 'down'}`;
      row.state.textContent = healthy ? 'ready' : `down (${reason})`;
      [open, rate, `${Math.round((cpu ?? 0) * 100)} %`].forEach((value, index) => { row.numbers[index].textContent = value ?? ''; });
    }
  }

  /** Who fills each role now, and what the last suite run and the last matrix said of it. */
  show({ 'yard.json': yard, 'suite.json': suite, 'matrix.json': matrix }) {
    for (const [role, row] of this.rows) {
      if (yard?.[role]) this.fill(row, yard[role]);
      const name = row.implementation.textContent;
      const judged = suite?.implementations?.[role];
      row.suite.textContent = inOrder(suite?.roles?.[role]) + (judged && judged !== name && suite.roles[role] ? ` (${judged})` : '');
      row.suite.title = suite ? `make test, ${suite.began}, ${suite.backend}` : '';
      row.matrix.replaceChildren(...linked(role, matrix?.runs.filter((run) => run.role === role) ?? [], name));
    }
  }

  fill(row, { implementation, host, journal }) {
    row.implementation.textContent = implementation;
    row.implementation.classList.toggle('swapped', implementation !== 'reference');
    row.host.textContent = host;
    if (row.journal !== journal) {
      row.state.className = 'state';
      row.state.textContent = journal ? '…' : 'no journal';
      row.numbers.forEach((cell) => { cell.textContent = ''; });
    }
    row.journal = journal;
  }
}

const OUTCOMES = ['failed', 'stale', 'flaky', 'passed', 'declined', 'skipped'];

function inOrder(counts = {}) {
  return OUTCOMES.filter((outcome) => counts[outcome]).map((outcome) => `${counts[outcome]} ${outcome}`).join(', ');
}

/** What the matrix says of `name` in `role`, and of how many others, leading to its page. */
function linked(role, runs, name) {
  if (!runs.length) return [];
  const own = runs.find((run) => run.implementation === name);
  const others = runs.length - (own ? 1 : 0);
  const said = [own && (own.finding || inOrder(own.counts)), others && `${others} other${others > 1 ? 's' : ''}`];
  const link = element('a', '', said.filter(Boolean).join('; '));
  link.href = `/matrix#role=${encodeURIComponent(role)}`;
  link.target = '_blank';
  link.rel = 'noopener';
  return [link];
}
