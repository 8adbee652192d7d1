// The newest events, filtered: never more than SHOWN rows. Drawn at once after a pause, then every PACE; in a flood that
// leaves no row of the last picture every FLOOD_PACE, for nobody reads what changes whole, and drawing is what costs.
import { element, inWords } from './text.js';

const SHOWN = 100;
const KEPT = 2000;
const PACE = 250;
const FLOOD_PACE = 500;

export class Events {
  constructor(yard, choose) {
    this.kept = [];
    this.missed = 0;
    this.fresh = 0;
    this.pace = PACE;
    this.choose = choose;
    this.body = document.getElementById('event-rows');
    this.role = document.getElementById('filter-role');
    this.text = document.getElementById('filter-text');
    this.hold = document.getElementById('filter-hold');
    this.note = document.getElementById('missed');
    this.empty = document.getElementById('no-events');
    for (const service of yard.services.filter((candidate) => candidate.journal)) {
      this.role.append(element('option', '', service.role));
    }
    for (const input of [this.role, this.text, this.hold]) input.addEventListener('input', () => this.draw());
    for (const left of ['mouseleave', 'focusout']) this.body.addEventListener(left, () => this.draw());
    document.getElementById('event-filter').addEventListener('submit', (event) => event.preventDefault());
  }

  /** Shows the events of one role alone; of all, when they were already. */
  only(role) {
    this.role.value = this.role.value === role ? '' : role;
    this.draw();
  }

  /** New events, oldest first, and how many the console had to leave out. */
  add(events, missed) {
    this.kept = this.kept.concat(events).slice(-KEPT);
    this.missed += missed;
    this.fresh += events.length + missed;
    if (events.length || missed) this.draw();
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    const since = performance.now() - (this.drawn ?? -FLOOD_PACE);
    setTimeout(() => requestAnimationFrame(() => {
      this.waiting = false;
      this.drawn = performance.now();
      this.pace = this.fresh > SHOWN ? FLOOD_PACE : PACE;
      this.fresh = 0;
      this.note.textContent = this.said();
      if (this.held()) return;
      const wanted = this.kept.filter((event) => this.matches(event)).slice(-SHOWN).reverse();
      this.body.replaceChildren(...wanted.map((event) => this.row(event)));
      this.empty.hidden = wanted.length > 0;
      this.empty.textContent = this.kept.length ? 'No event matches.' : 'Nothing has happened since this page was opened.';
    }), Math.max(0, this.pace - since));
  }

  /** Rows that somebody points at or has chosen stay where they are. */
  held() {
    return this.hold.checked || this.body.matches(':hover') || this.body.contains(document.activeElement);
  }

  said() {
    const missed = this.missed ? [`${this.missed.toLocaleString('en')} events were too many to show`] : [];
    return [...missed, ...(this.held() ? ['held'] : [])].join('; ');
  }

  matches(event) {
    if (this.role.value && event.role !== this.role.value) return false;
    const text = this.text.value.toLowerCase();
    return !text || `${event.event} ${event.peer} ${inWords(event.data)}`.toLowerCase().includes(text);
  }

  row(event) {
    return element('tr', '', element('td', 'wire', event.at.slice(11, 23)), element('td', '', event.role),
      element('td', 'wire', event.peer ?? ''), element('td', 'number', event.stream ?? ''),
      element('td', '', this.name(event)), element('td', 'data wire', inWords(event.data)));
  }

  /** The event's name; where it belongs to a connection, a button that shows its ladder. */
  name(event) {
    if (event.connection === null) return element('b', '', event.event);
    const button = element('button', 'plain', event.event);
    button.type = 'button';
    button.title = 'the whole connection';
    button.addEventListener('click', () => this.choose(event));
    return button;
  }
}
