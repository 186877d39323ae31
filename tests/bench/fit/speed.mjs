// Prints one line of JSON: nanoseconds a token, one figure a round, for jose.
// node speed.mjs WORK.json NPM_FOLDER ROUNDS

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [file, folder, rounds] = process.argv.slice(2);
const require = createRequire(join(resolve(folder), "package.json"));
const jose = await import(pathToFileURL(require.resolve("jose")).href);
const { jwks, audience, now, tokens } = JSON.parse(readFileSync(file, "utf8"));

// As a service would use it: the set is read once, and every claim that we check is checked.
const keys = jose.createLocalJWKSet(jwks);
const options = {
  algorithms: ["RS256"],
  issuer: "forge/invocation-token",
  audience: ["another", audience],
  clockTolerance: 60,
  currentDate: new Date(now * 1000),
  requiredClaims: ["exp"],
};

async function verify(token) {
  const { payload } = await jose.jwtVerify(token, keys, options);
  return `${payload.context.cloudId}:${payload.app.environment.id}`;
}

for (const token of tokens) {
  if (!(await verify(token)).includes(":ari:")) throw new Error("no tenant");
  const changed = token.replaceAll("eyJ", "eyK");
  const refused = await verify(changed).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error("a changed token was accepted");
}

// Processor time of all threads, since WebCrypto works beside the main one.
function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

async function nanoseconds(work) {
  const started = spent();
  let calls = 0;
  let passed = 0;
  while (passed < 200e6) {
    await work();
    calls += 1;
    passed = spent() - started;
  }
  return passed / calls / tokens.length;
}

const contenders = {
  // Many at a time, which spares it changes of threads, and one after the other.
  jose: () => Promise.all(tokens.map(verify)),
  "jose, one at a time": async () => {
    for (const token of tokens) await verify(token);
  },
};
const measured = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (const work of Object.values(contenders)) await nanoseconds(work);
for (let round = 0; round < Number(rounds); round += 1) {
  for (const [name, work] of Object.entries(contenders)) {
    measured[name].push(await nanoseconds(work));
  }
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
