// The local Confluence host as a program.

import { renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { startHost } from "./host.mjs";

const HELP = `The local Confluence host: a small site on this machine that runs the app as Forge would.

Usage: node tests/host/main.mjs [options]

  --app DIR             the built app, golpo.cjs and its wasm    [src-js-shim/dist]
  --ui DIR              the built Custom UI                      [static/dist]
  --manifest FILE       the manifest                             [manifest.yml]
  --backend URL         the backend that stands for the remote   [http://127.0.0.1:8772]
  --state DIR           where storage and secrets are kept       [target/host-state]
  --port N              port of the site, 0 for any              [8770]
  --ui-port N           port of the Custom UI's origin           [8771]
  --without-scope NAME  as if this scope had not been granted; repeatable
  --ready-file FILE     written once it serves: {"site","ui","jwks","audience"} as JSON
  -h, --help            this text
`;

const options = {
  app: { type: "string", default: "src-js-shim/dist" },
  ui: { type: "string", default: "static/dist" },
  manifest: { type: "string", default: "manifest.yml" },
  backend: { type: "string", default: "http://127.0.0.1:8772" },
  state: { type: "string", default: "target/host-state" },
  port: { type: "string", default: "8770" },
  "ui-port": { type: "string", default: "8771" },
  "without-scope": { type: "string", multiple: true, default: [] },
  "ready-file": { type: "string" },
  help: { type: "boolean", short: "h", default: false },
};

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function port(text, name) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0 || number > 65535) {
    fail(`--${name} must be a port number, not ${text}`);
  }
  return number;
}

let values;
try {
  ({ values } = parseArgs({ options }));
} catch (error) {
  fail(`${error.message}\nTry --help.`);
}
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}

let host;
try {
  host = await startHost({
    app: resolve(values.app),
    ui: resolve(values.ui),
    manifest: resolve(values.manifest),
    backend: values.backend,
    state: resolve(values.state),
    port: port(values.port, "port"),
    uiPort: port(values["ui-port"], "ui-port"),
    withoutScopes: values["without-scope"],
  });
} catch (error) {
  fail(`The local host could not start: ${error.message}`);
}

const { site, ui, jwks, audience } = host;
const ready = JSON.stringify({ site, ui, jwks, audience });
if (values["ready-file"]) {
  // In one move, so that whoever waits for it never reads half of it.
  const half = `${values["ready-file"]}.part`;
  writeFileSync(half, `${ready}\n`);
  renameSync(half, values["ready-file"]);
}
process.stdout.write(`${ready}\n`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await host.stop();
    process.exit(0);
  });
}
