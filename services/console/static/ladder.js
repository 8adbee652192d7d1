// One connection from both sides: the client's steps on the left, the service's events on the right.
import { element, inWords } from './text.js';

export class Ladder {
  constructor() {
    this.title = document.getElementById('ladder-of');
    this.table = document.getElementById('ladder-table');
    this.body = document.getElementById('ladder-rows');
  }

  /** The connection that a service numbers `connection`. */
  showConnection(role, connection) {
    return this.load(role, `connection=${encodeURIComponent(connection)}`);
  }

  /** The connection that a client made from `peer`. */
  showPeer(role, peer) {
    return this.load(role, `peer=${encodeURIComponent(peer)}`);
  }

  async load(role, query) {
    const answer = await fetch(`/api/ladder?role=${encodeURIComponent(role)}&${query}`);
    if (!answer.ok) {
      this.show(await answer.text(), []);
      return;
    }
    const { peer, rungs } = await answer.json();
    this.show(`${peer || 'a client'} → ${role}${alone(rungs)}`, rungs);
  }

  show(title, rungs) {
    this.title.textContent = title;
    this.table.hidden = !rungs.length;
    this.body.replaceChildren(...rungs.map(rung));
    this.table.parentElement.scrollTop = 0;
  }
}

/** Whose side is missing: only the page's own clients tell theirs, and only who keeps a journal. */
function alone(rungs) {
  const sides = new Set(rungs.map((one) => one.side));
  if (!sides.has('client')) return ', as the service alone saw it';
  return sides.has('service') ? '' : ', as the client alone saw it';
}

function rung(told) {
  if (told.side === 'none') {
    const between = element('td', 'between', `… ${told.event} …`);
    between.colSpan = 3;
    return element('tr', '', between);
  }
  const said = element('td', told.side, ...words(told));
  const none = element('td', told.side === 'client' ? 'service' : 'client');
  const time = element('td', 'number', told.t.toFixed(2));
  return told.side === 'client' ? element('tr', '', said, time, none) : element('tr', '', none, time, said);
}

/** What happened, on which stream, with what; of a frame its type, and an arrow for the way it went. */
function words({ event, stream, data }) {
  const { direction, type, ...rest } = data;
  const frame = event === 'frame' && direction;
  const name = frame ? `${direction === 'send' ? '→' : '←'} ${type}` : event;
  const shown = inWords(frame ? rest : data);
  return [
    element('b', frame ? 'frame' : '', name),
    ...(stream === null || stream === undefined ? [] : [element('span', 'stream', ` stream ${stream}`)]),
    ...(shown ? [element('div', 'data wire', shown)] : []),
  ];
}
