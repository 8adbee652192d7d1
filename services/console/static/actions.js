// Try it: the yard's own clients, run by the console, with the ladder of what followed.
import { element } from './text.js';

const form = document.getElementById('action-form');
const names = document.getElementById('action-name');
const fields = document.getElementById('action-fields');
const run = document.getElementById('action-run');
const command = document.getElementById('action-command');
const answer = document.getElementById('action-answer');

export function setUpActions(yard, ladder) {
  const actions = new Map(yard.actions.map((action) => [action.name, action]));
  for (const action of actions.values()) {
    const option = element('option', '', action.title);
    option.value = action.name;
    names.append(option);
  }
  form.addEventListener('input', ({ target }) => {
    if (target === names) build(actions.get(names.value));
    tellCommand();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    act(ladder);
  });
  build(actions.get(names.value));
  tellCommand();
}

function build(action) {
  fields.replaceChildren(...action.parameters.map((parameter) => {
    const input = element(parameter.choices.length ? 'select' : 'input');
    for (const choice of parameter.choices) input.append(element('option', '', choice));
    if (!parameter.choices.length) input.type = 'text';
    input.name = parameter.name;
    input.value = parameter.default;
    return element('label', '', `${parameter.name} `, input);
  }));
}

function chosen() {
  return [`/api/actions/${encodeURIComponent(names.value)}`, new URLSearchParams(new FormData(form))];
}

/** What a person would type for it; of several questions the last one's answer is shown. */
async function tellCommand() {
  const [path, values] = chosen();
  const response = await fetch(`${path}?${values}`);
  const text = await response.text();
  if (`${values}` === `${chosen()[1]}` && path === chosen()[0]) command.textContent = text;
}

async function act(ladder) {
  const [path, values] = chosen();
  run.disabled = true;
  try {
    const response = await fetch(path, { method: 'POST', body: JSON.stringify(Object.fromEntries(values)) });
    if (!response.ok) throw new Error(await response.text());
    await show(await response.json(), ladder);
  } catch (error) {
    tell(error.message, true);
  } finally {
    run.disabled = false;
  }
}

async function show(result, ladder) {
  tell(result.answer, result.failed);
  if (result.peers.length) await ladder.showPeer(result.role, result.peers[0]);
  else ladder.show('The client alone', result.rungs);
}

function tell(text, failed) {
  answer.className = failed ? 'failed' : '';
  answer.textContent = text;
}
