// One connection from both sides: the client's steps on the left, the service's events on the right.
import { element, inWords } from './text.js';

export class Ladder {
  constructor() {
    this.title = document.getElementById('ladder-of');
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
      this.show(`${role}: ${await answer.text()}`, []);
      return;
    }
    const { peer, rungs } = await answer.json();
    this.show(`${peer || 'a client'} → ${role}`, rungs);
  }

  show(title, rungs) {
    this.title.textContent = title;
    this.body.replaceChildren(...rungs.map(rung));
  }
}

function rung({ side, t, event, stream, data }) {
  const said = [element('b', '', event)];
  if (stream !== null && stream !== undefined) said.push(element('span', 'stream', ` stream ${stream}`));
  said.push(element('div', 'data wire', inWords(data)));
  const cell = (which) => (which === side ? element('td', which, ...said) : element('td', which));
  return element('tr', '', cell('client'), element('td', 'number', t.toFixed(2)), cell('service'));
}
