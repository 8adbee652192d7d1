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
    const suite = element('td', '', '');
    const line = element('tr', '', element('th', '', service.role), element('td', '', service.implementation),
      element('td', 'wire', service.host ?? 'not published'), state, ...numbers, suite);
    line.firstChild.scope = 'row';
    return { line, state, numbers, suite };
  }

  /** The states that the console gathered. */
  update(states) {
    for (const { role, healthy, reason, open, rate, cpu, followed } of states) {
      const row = this.rows.get(role);
      if (!row) continue;
      row.line.classList.toggle('followed', Boolean(followed));
      row.state.className = `state ${healthy ? 'up' : 'down'}`;
      row.state.textContent = healthy ? 'ready' : `down (${reason})`;
      [open, rate, `${Math.round((cpu ?? 0) * 100)} %`].forEach((value, index) => { row.numbers[index].textContent = value ?? ''; });
    }
  }

  /** What the last suite run said of each role. */
  showResults({ 'suite.json': suite }) {
    for (const [role, counts] of Object.entries(suite?.roles ?? {})) {
      const row = this.rows.get(role);
      if (row) row.suite.textContent = Object.entries(counts).map(([state, count]) => `${count} ${state}`).join(', ');
    }
  }
}
