// One runtime instance: loads a bundle that Forge would get and asks it for previews of a page.
//   node measure.cjs BUNDLE BYTES first        the first answer, since the process was started
//   node measure.cjs BUNDLE BYTES warm ROUNDS  answers after that
// Prints one line of JSON. Confluence answers at once and with the same bytes each time; the answer is
// made into JSON text, as Forge's runtime does. Times are of the processor, all threads of Node
// together, so that other programs on the machine count little; `elapsed` is the clock's.

const { resolve } = require("node:path");
const { pageAnswer } = require("./page.cjs");

const [bundle, bytes, mode, rounds] = process.argv.slice(2);
const PAGE = "65601";
const SPACE = "98305";
const WARM_UP_MS = 1500;
const BATCH_MS = 60;

const page = Buffer.from(pageAnswer(PAGE, SPACE, Number(bytes)));
const space = JSON.stringify({ id: SPACE, key: "ENG", name: "Engineering", type: "global" });
const scopes = ["read:page:confluence", "read:space:confluence"];

const timer = { stop() {} };
global.__forge_runtime__ = {
  appContext: {
    appId: "ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000000",
    environmentType: "DEVELOPMENT",
    invocationId: "00000000-0000-4000-8000-000000000001",
    moduleKey: "golpo-content-action",
    permissions: { scopes, external: {} },
  },
  lambdaContext: { awsRequestId: "1", getRemainingTimeInMillis: () => 25000 },
  allowedEgress: [],
  externalAuth: [],
  metrics: {
    counter: () => ({ incr() {}, decr() {} }),
    gauge: () => ({ set() {} }),
    timing: () => ({ measure: () => timer }),
  },
  tracing: { traceId: "1", spanId: "1" },
  proxy: { token: "local", url: "http://proxy.invalid", host: "proxy.invalid" },
};
global.__forge_fetch__ = async (_target, path) => {
  const address = String(path);
  if (address.includes(`/pages/${PAGE}?`)) return new Response(page, { status: 200 });
  if (address.endsWith(`/spaces/${SPACE}`)) return new Response(space, { status: 200 });
  return new Response("{}", { status: 404 });
};
// adf-to-md says a line for each node that it does not know; writing those would be most of its time.
for (const level of ["log", "info", "warn", "error"]) console[level] = () => {};

function spent() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const call = { functionKey: "preview", payload: { pageId: PAGE } };
const context = {
  accountId: "5b10ac8d82e05b22cc7d4ef5",
  cloudId: "11111111-2222-4333-8444-555555555555",
  moduleKey: "golpo-content-action",
  extension: {
    type: "confluence:contentAction",
    content: { id: PAGE, type: "page" },
    space: { id: SPACE },
  },
};
const runtime = {
  principal: { accountId: context.accountId },
  installContext: "ari:cloud:confluence::site/1",
};

async function main() {
  const before = { processor: spent(), elapsed: performance.now() };
  const { resolver } = require(resolve(bundle));
  const answer = async () => JSON.stringify(await resolver({ call, context }, runtime));
  const text = await answer();
  const first = { processor: spent(), elapsed: performance.now() };
  if (!text.startsWith('{"ok"') || !text.includes('"sections"'))
    throw new Error(text.slice(0, 300));
  const result = {
    first,
    own: { processor: first.processor - before.processor, elapsed: first.elapsed - before.elapsed },
    resident: process.memoryUsage.rss(),
    page: page.length,
    answer: Buffer.byteLength(text),
    warm: [],
  };
  if (mode === "warm") {
    const started = spent();
    let runs = 0;
    while (spent() - started < WARM_UP_MS || runs < 3) {
      await answer();
      runs += 1;
    }
    const batch = Math.max(1, Math.ceil((BATCH_MS * runs) / (spent() - started)));
    for (let round = 0; round < Number(rounds); round += 1) {
      const start = spent();
      for (let run = 0; run < batch; run += 1) await answer();
      result.warm.push((spent() - start) / batch);
    }
    result.resident = process.memoryUsage.rss();
  }
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
