// The limits that Atlassian documents for Forge, in one table, and the windows that count calls.
// Sources: developer.atlassian.com/platform/forge/limits-invocation, limits-kvs-ce,
// limits-async-events.

export const LIMITS = Object.freeze({
  invocationSeconds: 25,
  consumerSeconds: 55,
  consumerSecondsMost: 900,
  frontEndRequestBytes: 500 * 1024,
  frontEndResponseBytes: 5 * 1024 * 1024,
  invocationsPerMinutePerUser: 1200,
  invocationsPerMinutePerInstallation: 5000,
  egressRequestsPerInvocation: 100,
  logLinesPerInvocation: 100,
  logBytesPerInvocation: 200 * 1024,
  kvsKeyCharacters: 500,
  kvsValueBytes: 240 * 1024,
  kvsDepth: 31,
  eventsPerRequest: 50,
  eventBytesPerRequest: 200 * 1024,
  eventsPerMinute: 500,
  eventDelaySeconds: 900,
  eventRetries: 4,
});

const MINUTE = 60_000;

/** Counts calls in fixed windows of one minute, as Forge does. */
export class MinuteWindow {
  #most;
  #now;
  #counts = new Map();
  #start = 0;

  constructor(most, now = Date.now) {
    this.#most = most;
    this.#now = now;
  }

  /** Whether `count` more calls of `key` fit into this minute; counts them if they do. */
  take(key, count = 1) {
    const start = Math.floor(this.#now() / MINUTE);
    if (start !== this.#start) {
      this.#start = start;
      this.#counts.clear();
    }
    const sum = (this.#counts.get(key) ?? 0) + count;
    if (sum > this.#most) return false;
    this.#counts.set(key, sum);
    return true;
  }
}

/** Levels of arrays and objects inside one another; a scalar has none. */
export function depth(value) {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depth));
}
