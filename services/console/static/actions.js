// Try it: the yard's own clients, run by the console, with the ladder of what followed.
import { element } from './text.js';

const form = document.getElementById('action-form');
const names = document.getElementById('action-name');
const fields = document.getElementById('action-fields');
const command = document.getElementById('action-command');
const answer = document.getElementById('action-answer');

export function setUpActions(yard, ladder) {
  const actions = new Map(yard.actions.map((action) => [action.name, action]));
  for (const action of actions.values()) {
    const option = element('option', '', action.title);
    option.value = action.name;
    names.append(option);
  }
  const choose = () => build(actions.get(names.value));
  names.addEventListener('change', choose);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run(names.value, ladder);
  });
  if (actions.size) choose();
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
  command.textContent = action.command;
}

async function run(name, ladder) {
  const given = Object.fromEntries(new FormData(form));
  const response = await fetch(`/api/actions/${encodeURIComponent(name)}`, { method: 'POST', body: JSON.stringify(given) });
  if (!response.ok) {
    answer.className = 'failed';
    answer.textContent = await response.text();
    return;
  }
  const result = await response.json();
  answer.className = result.failed ? 'failed' : '';
  answer.textContent = result.answer;
  if (result.peers.length) await ladder.showPeer(result.role, result.peers[0]);
  else ladder.show('the client alone', result.rungs);
}
