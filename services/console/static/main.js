// Starts the page: the yard's description once, then batches of events for as long as it is open.
import { Graph } from './graph.js';
import { Events } from './events.js';
import { Ladder } from './ladder.js';
import { Services } from './services.js';
import { setUpActions } from './actions.js';

// Milliseconds: a swap, a suite run or a matrix is news for minutes.
const RESULTS_EVERY = 3000;
const summary = document.getElementById('summary');

function setUpTheme(redraw) {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  document.getElementById('theme').addEventListener('click', () => {
    const now = root.dataset.theme ?? (dark.matches ? 'dark' : 'light');
    root.dataset.theme = now === 'dark' ? 'light' : 'dark';
    redraw();
  });
  dark.addEventListener('change', redraw);
}

function summarise(yard, states) {
  const ready = states.filter((state) => state.healthy).length;
  summary.textContent = `${yard.name}: ${ready} of ${states.length} journals answer`;
}

async function start() {
  const yard = await (await fetch('/api/yard')).json();
  const graph = new Graph(document.getElementById('graph'), yard);
  window.graph = graph;
  const services = new Services(yard);
  const ladder = new Ladder();
  const events = new Events(yard, (event) => ladder.showConnection(event.role, event.connection));
  setUpActions(yard, ladder);
  setUpTheme(() => graph.restyle());

  const source = new EventSource('/api/events');
  source.onmessage = (message) => {
    const batch = JSON.parse(message.data);
    events.add(batch.events, batch.missed);
    graph.update(batch);
    services.update(batch.states);
    summarise(yard, batch.states);
  };
  source.onerror = () => { summary.textContent = 'the console does not answer; trying again …'; };
  const results = async () => {
    const told = await (await fetch('/api/results')).json();
    services.show(told);
    graph.name(told['yard.json'] ?? {});
  };
  await results();
  setInterval(() => results().catch(() => undefined), RESULTS_EVERY);
}

start();
