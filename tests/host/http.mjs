// A small router over node:http: exact paths and patterns, JSON in and out, and the checks that
// keep other web pages from using a server on this machine.

import { createServer } from "node:http";

const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
const BODY_BYTES = 8 * 1024 * 1024;

/** A response to send: status, headers, body. */
export const send = (status, type, body, headers = {}) => ({
  status,
  headers: { "content-type": type, ...headers },
  body,
});
export const sendHtml = (body, status = 200, headers = {}) =>
  send(status, "text/html; charset=utf-8", body, headers);
export const sendJson = (value, status = 200, headers = {}) =>
  send(status, "application/json", JSON.stringify(value), headers);
export const redirect = (location, headers = {}) => ({
  status: 303,
  headers: { location, ...headers },
  body: "",
});

/** The body of a request as text. */
export async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_BYTES) throw Object.assign(new Error("too large"), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The cookies of a request. */
export function cookies(request) {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split("="));
  return Object.fromEntries(pairs.filter(([name]) => name));
}

/**
 * Serves on loopback. `handle(request, url)` gives a response or undefined for 404; `report` hears
 * of handlers that threw. Gives the server's address and how to stop it.
 */
export async function serve(port, handle, report) {
  const server = createServer(async (request, response) => {
    let answer;
    try {
      answer = await guarded(request, handle);
    } catch (error) {
      if (!error.status) report(`${request.method} ${request.url}: ${error.stack}`);
      const status = error.status ?? 500;
      answer = sendJson({ error: { message: error.message } }, status);
    }
    answer ??= send(404, "text/plain", "Not found");
    response.writeHead(answer.status, answer.headers);
    response.end(request.method === "HEAD" ? undefined : answer.body);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `http://localhost:${server.address().port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function guarded(request, handle) {
  const { host = "", origin } = request.headers;
  // Another name that resolves to this machine is someone else's page (DNS rebinding).
  if (!LOCAL.test(host)) return send(421, "text/plain", "Only as localhost");
  const foreign = origin && origin !== "null" && origin !== `http://${host}`;
  if (request.method === "POST" && foreign) return send(403, "text/plain", "Another site's page");
  return handle(request, new URL(request.url, `http://${host}`));
}
