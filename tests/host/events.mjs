// Forge's async events: takes what `@forge/events` pushes and hands it to the consumer's function
// after its delay. A consumer that fails is called again, with growing pauses.

import { randomUUID } from "node:crypto";
import { MinuteWindow } from "./limits.mjs";

const PUBLISH = "/webhook/queue/publish/";
const RETRY_PAUSE_MS = 1000;

const json = (status, value) => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(value),
});

export class Events {
  #manifest;
  #limits;
  #deliver;
  #report;
  #faults;
  #window;
  #timers = new Set();

  /** `deliver(consumer, event)` runs the consumer; `report(line)` hears of failures. */
  constructor({ manifest, limits, faults = {}, deliver, report }) {
    this.#manifest = manifest;
    this.#limits = limits;
    this.#deliver = deliver;
    this.#report = report;
    this.#faults = faults;
    this.#window = new MinuteWindow(limits.eventsPerMinute);
  }

  /** Answers one request of `@forge/events`. */
  handle(path, text) {
    if (!path.startsWith(PUBLISH)) {
      return json(404, { code: 404, message: `The local host does not know ${path}` });
    }
    const { queueName, jobId, payload } = JSON.parse(text);
    const consumer = this.#manifest.consumerOf(queueName);
    if (!consumer) return json(400, { code: 400, message: `No consumer of queue ${queueName}` });
    if (payload.length > this.#limits.eventsPerRequest) {
      return json(400, { code: 400, message: "Too many events in one request" });
    }
    if (Buffer.byteLength(JSON.stringify(payload)) > this.#limits.eventBytesPerRequest) {
      return json(413, { errorMessage: "The maximum payload size is 200KB." });
    }
    if (payload.some((event) => event.delayInSeconds > this.#limits.eventDelaySeconds)) {
      return json(400, { code: 400, message: "A delay is at most 900 seconds" });
    }
    if (!this.#window.take(queueName, payload.length)) {
      return json(429, { code: 429, message: "Too many events" });
    }
    for (const { body, delayInSeconds = 0 } of payload) {
      const event = { body, jobId, queueName, eventId: randomUUID() };
      this.#later(delayInSeconds * 1000, consumer, event, 0);
    }
    return json(201, {});
  }

  #later(delay, consumer, event, retries) {
    const timer = setTimeout(async () => {
      this.#timers.delete(timer);
      try {
        const delivered = { ...event, retryContext: { retryCount: retries } };
        await this.#deliver(consumer, delivered);
        // At least once is what Forge promises, and no more than that.
        if (this.#faults.deliverTwice) await this.#deliver(consumer, delivered);
      } catch (error) {
        this.#report(`consumer ${consumer.key} failed: ${error.message}`);
        if (retries < this.#limits.eventRetries) {
          this.#later(RETRY_PAUSE_MS * 2 ** retries, consumer, event, retries + 1);
        }
      }
    }, delay);
    timer.unref();
    this.#timers.add(timer);
  }

  /** Forgets what has not been delivered. */
  stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
