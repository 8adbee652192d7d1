// The list of services: the graph in words, with what is measured.
import { element } from './text.js';

export class Services {
  constructor(yard, choose) {
    this.choose = choose;
    this.rows = new Map();
    this.table = document.getElementById('service-table');
    const body = document.getElementById('service-rows');
    for (const service of yard.services.filter((candidate) => candidate.port)) {
      const row = this.row(service);
      this.rows.set(service.role, row);
      body.append(row.line);
    }
  }

  row(service) {
    const state = element('td', 'state', service.host ? 'not seen yet' : 'out of reach');
    const numbers = [0, 1, 2].map(() => element('td', 'number', ''));
    const [suite, matrix] = [element('td', 'suite'), element('td', 'matrix')];
    const implementation = element('td', '', service.implementation);
    const host = element('td', 'wire', service.host ?? 'not published');
    const name = element('th', '', service.journal ? this.button(service.role) : service.role);
    name.scope = 'row';
    const line = element('tr', '', name, implementation, state, ...numbers, host, suite, matrix);
    return { line, implementation, host, state, numbers, suite, matrix };
  }

  button(role) {
    const button = element('button', 'plain', role);
    button.type = 'button';
    button.title = `the events of ${role} alone`;
    button.addEventListener('click', () => this.choose(role));
    return button;
  }

  /** The states that the console gathered. */
  update(states) {
    for (const { role, healthy, reason, journal, open, rate, cpu, followed } of states) {
      const row = this.rows.get(role);
      if (!row) continue;
      row.line.classList.toggle('followed', Boolean(followed));
      if (healthy === undefined) continue;
      row.state.className = `state ${healthy ? 'up' : 'down'}`;
      row.state.replaceChildren(...(healthy ? [`ready${journal ? '' : ', no journal'}`] : ['down', element('div', 'reason', reason)]));
      const shown = [open, rate, cpu === null ? null : `${Math.round(cpu * 100)} %`];
      shown.forEach((value, index) => { row.numbers[index].textContent = value ?? ''; });
    }
  }

  /** Who fills each role now, and what the last suite run and the last matrix said of it. */
  show({ 'yard.json': yard, 'suite.json': suite, 'matrix.json': matrix }) {
    this.table.classList.toggle('tested', Boolean(suite));
    this.table.classList.toggle('compared', Boolean(matrix));
    for (const [role, row] of this.rows) {
      if (yard?.[role]) fill(row, yard[role]);
      const name = row.implementation.textContent;
      const judged = suite?.implementations?.[role];
      row.suite.textContent = inOrder(suite?.roles?.[role]) + (judged && judged !== name && suite.roles[role] ? ` (${judged})` : '');
      row.suite.title = suite ? `make test, ${suite.began}, ${suite.backend}` : '';
      row.matrix.replaceChildren(...linked(role, matrix?.runs.filter((run) => run.role === role) ?? [], name));
    }
  }
}

function fill(row, { implementation, host }) {
  row.implementation.textContent = implementation;
  row.implementation.classList.toggle('swapped', implementation !== 'reference');
  row.host.textContent = host;
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
