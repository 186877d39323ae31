// Calls of the app's remote: adds the invocation token, forwards to the real backend, and keeps a
// record of what left the site, for the tests that look into it.

const proxyError = (status, reason) => ({
  status,
  headers: { "forge-proxy-error": reason },
  body: "",
});

const RECORDED = 1000;

export class Remotes {
  #backend;
  #signer;
  #remotes;
  #faults;
  /** `{method, path, headers, body, answer}` of each call, oldest first, the token among the headers. */
  requests = [];

  constructor({ backend, signer, remotes, faults }) {
    this.#backend = new URL(backend);
    this.#signer = signer;
    this.#remotes = remotes;
    this.#faults = faults;
  }

  /** Answers one `invokeRemote`. */
  async call(key, path, { method = "GET", headers = {}, body }, invocation) {
    if (!this.#remotes.has(key)) return proxyError(400, "INVALID_REMOTE");
    const url = new URL(path, this.#backend);
    // A path such as `//elsewhere/` must not lead away from the declared host.
    if (url.origin !== this.#backend.origin) return proxyError(400, "INVALID_REMOTE");
    const token = await this.#signer.sign(invocation, this.#faults.tokenAgeSeconds ?? 0);
    const sent = { ...headers, authorization: `Bearer ${token}` };
    const record = { method, path, headers: sent, body };
    this.requests.push(record);
    if (this.requests.length > RECORDED) this.requests.shift();
    try {
      const signal = AbortSignal.timeout(invocation.remainingMs());
      const response = await fetch(url, {
        method,
        headers: sent,
        body,
        signal,
        redirect: "manual",
      });
      const answered = Object.fromEntries(response.headers);
      record.answer = { headers: answered, body: await response.text() };
      return { status: response.status, ...record.answer };
    } catch (error) {
      return error.name === "TimeoutError"
        ? proxyError(504, "GATEWAY_TIMEOUT")
        : proxyError(502, "BAD_GATEWAY");
    }
  }
}
