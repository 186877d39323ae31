// Prints one line of JSON: nanoseconds an object, one figure a round, for each npm peer.
// node speed.mjs OBJECTS.json NPM_FOLDER ROUNDS

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [file, folder, rounds] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "package.json"));
const { findSensitiveValues, scrub } = require("@zapier/secret-scrubber");
const fastRedact = require("fast-redact");
const objects = JSON.parse(readFileSync(file, "utf8"));

// It throws where there is nothing to scrub.
const scrubbed = (object) => {
  const values = findSensitiveValues(object);
  return values.length === 0 ? object : scrub(object, values);
};

// fast-redact looks for nothing: it is told where the secrets are.
const redact = fastRedact({
  paths: [
    "headers.authorization",
    "headers.cookie",
    "config.databaseUrl",
    "config.masterKey",
    "env.GOLPO_API_KEY",
    "users[*].displayName",
    "users[*].email",
    "users[*].accountId",
    "password",
    "token",
  ],
});

const contenders = {
  "secret-scrubber": () => objects.forEach((object) => void JSON.stringify(scrubbed(object))),
  "secret-scrubber, no JSON": () => objects.forEach((object) => void scrubbed(object)),
  "fast-redact": () => objects.forEach((object) => void redact(object)),
};

// Processor time, so that other programs do not count; it holds the collector's threads, too.
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

function nanoseconds(work) {
  const started = spent();
  let calls = 0;
  let passed = 0;
  while (passed < 60e6) {
    for (let call = 0; call < 16; call += 1) work();
    calls += 16;
    passed = spent() - started;
  }
  return passed / calls / objects.length;
}

const measured = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (const work of Object.values(contenders)) nanoseconds(work);
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, work] of Object.entries(contenders)) measured[name].push(nanoseconds(work));
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
