// The newest events, filtered: never more than SHOWN rows, and drawn at once after a pause, every PACE in a flood.
import { element, inWords } from './text.js';

const SHOWN = 100;
const KEPT = 2000;
const PACE = 250;

export class Events {
  constructor(yard, choose) {
    this.kept = [];
    this.missed = 0;
    this.choose = choose;
    this.body = document.getElementById('event-rows');
    this.role = document.getElementById('filter-role');
    this.text = document.getElementById('filter-text');
    this.hold = document.getElementById('filter-pause');
    this.note = document.getElementById('missed');
    for (const service of yard.services.filter((candidate) => candidate.journal)) {
      this.role.append(element('option', '', service.role));
    }
    for (const input of [this.role, this.text, this.hold]) input.addEventListener('input', () => this.draw());
    document.getElementById('event-filter').addEventListener('submit', (event) => event.preventDefault());
  }

  /** New events, oldest first, and how many the console had to leave out. */
  add(events, missed) {
    this.kept = this.kept.concat(events).slice(-KEPT);
    this.missed += missed;
    if (events.length || missed) this.draw();
  }

  draw() {
    if (this.hold.checked || this.waiting) return;
    this.waiting = true;
    const since = performance.now() - (this.drawn ?? -PACE);
    setTimeout(() => requestAnimationFrame(() => {
      this.waiting = false;
      this.drawn = performance.now();
      const wanted = this.kept.filter((event) => this.matches(event)).slice(-SHOWN).reverse();
      this.body.replaceChildren(...wanted.map((event) => this.row(event)));
      this.note.textContent = this.missed ? `${this.missed.toLocaleString('en')} events were too many to show` : '';
    }), Math.max(0, PACE - since));
  }

  matches(event) {
    if (this.role.value && event.role !== this.role.value) return false;
    const text = this.text.value.toLowerCase();
    return !text || JSON.stringify(event).toLowerCase().includes(text);
  }

  row(event) {
    const line = element('tr', '', element('td', 'wire', event.at.slice(11, 23)), element('td', '', event.role),
      element('td', 'wire', event.peer ?? ''), element('td', 'number', event.stream ?? ''),
      element('td', '', element('b', '', event.event)), element('td', 'data wire', inWords(event.data)));
    if (event.connection !== null) {
      line.tabIndex = 0;
      line.addEventListener('click', () => this.choose(event));
      line.addEventListener('keydown', (key) => { if (key.key === 'Enter') this.choose(event); });
    }
    return line;
  }
}
