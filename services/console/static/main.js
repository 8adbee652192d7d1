// Starts the page: the yard's description once, then batches of events for as long as it is open.
import { Graph } from './graph.js';
import { Events } from './events.js';
import { Ladder } from './ladder.js';
import { Services } from './services.js';
import { setUpActions } from './actions.js';
import { setUpTheme } from './theme.js';

// Milliseconds: a swap, a suite run or a matrix is news for minutes.
const RESULTS_EVERY = 3000;
const summary = document.getElementById('summary');

/** Told when it changes, so that a screen reader hears it once. */
function summarise(name, states) {
  const known = states.filter((state) => state.healthy !== undefined);
  const down = known.filter((state) => !state.healthy).map((state) => state.role);
  const rest = down.length ? `${down.join(', ')} ${down.length > 1 ? 'are' : 'is'} down` : `all ${known.length} services ready`;
  tell(known.length ? `${name}: ${rest}` : name, down.length > 0);
}

function tell(text, alarming) {
  if (summary.textContent !== text) summary.textContent = text;
  summary.classList.toggle('alarming', alarming);
}

async function start() {
  const yard = await (await fetch('/api/yard')).json();
  const ladder = new Ladder();
  const events = new Events(yard, (event) => ladder.showConnection(event.role, event.connection));
  const graph = new Graph(document.getElementById('graph'), yard, (role) => events.only(role));
  window.graph = graph;
  const services = new Services(yard, (role) => events.only(role));
  setUpActions(yard, ladder);
  setUpTheme(() => graph.restyle());

  const source = new EventSource('/api/events');
  source.onmessage = (message) => {
    const batch = JSON.parse(message.data);
    events.add(batch.events, batch.missed);
    graph.update(batch);
    services.update(batch.states);
    summarise(yard.name, batch.states);
  };
  source.onerror = () => tell('the console does not answer; trying again …', true);
  const results = async () => {
    const told = await (await fetch('/api/results')).json();
    services.show(told);
    graph.name(told['yard.json'] ?? {});
  };
  await results();
  setInterval(() => results().catch(() => undefined), RESULTS_EVERY);
}

start();
