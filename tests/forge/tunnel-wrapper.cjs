// Stands in for the script with which Forge's platform wraps an app in each of its processes: puts
// in place what the @forge packages look for, with a Confluence of one page, and calls the handler.

const adf = {
  version: 1,
  type: "doc",
  content: [
    {
      type: "paragraph",
      content: [
        { type: "text", text: "This is the tunnel's page, kept by " },
        { type: "mention", attrs: { id: "1", text: "@Mira Vale" } },
        { type: "text", text: "." },
      ],
    },
  ],
};
const page = {
  id: "65601",
  title: "Through the tunnel",
  version: { number: 7 },
  body: { atlas_doc_format: { value: JSON.stringify(adf) } },
};

global.__forge_fetch__ = async (_target, path) => {
  const found = String(path).startsWith("/wiki/api/v2/pages/65601?");
  return new Response(JSON.stringify(found ? page : {}), { status: found ? 200 : 404 });
};

exports.main = async ({ handler, body }, lambdaContext) => {
  const timer = { stop() {} };
  global.__forge_runtime__ = {
    appContext: {
      appId: "ari:cloud:ecosystem::app/00000000-0000-4000-8000-000000000000",
      environmentType: "DEVELOPMENT",
      permissions: { scopes: ["read:page:confluence", "read:space:confluence"], external: {} },
    },
    lambdaContext,
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
  const [file, name] = handler.split(".");
  try {
    const runtime = { principal: { accountId: "0" }, installContext: "" };
    return { success: true, body: await require(`./${file}.cjs`)[name](body, runtime) };
  } catch (error) {
    return { success: false, error: { errorMessage: error.message, errorType: error.name } };
  }
};
