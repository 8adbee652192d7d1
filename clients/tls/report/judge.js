'use strict';
// One https request to each name; prints a JSON list of "" (accepted) or the error's code and message.
const https = require('node:https');
const fs = require('node:fs');

const { address, port, ca, names } = JSON.parse(fs.readFileSync(0, 'utf8'));
const trusted = fs.readFileSync(ca);

function ask(name) {
  return new Promise((resolve) => {
    const options = { host: address, port, path: '/version', servername: name, ca: trusted, agent: false,
      headers: { host: name }, timeout: 5000 };
    const request = https.get(options, (response) => {
      response.resume();
      response.on('end', () => resolve(''));
    });
    request.on('timeout', () => request.destroy(new Error('nothing within 5 s')));
    request.on('error', (error) => resolve(`${error.code || 'error'}: ${error.message.split('\n')[0]}`));
  });
}

(async () => {
  const answers = [];
  for (const name of names) answers.push(await ask(name));
  process.stdout.write(JSON.stringify(answers));
})();
