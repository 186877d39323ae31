// Forge's runtime: instances of the app's bundle, each in a thread of its own with its own globals,
// one invocation at a time, reused for the next ones. An invocation past its limit loses its instance.

import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

/** Why an invocation gave no result, in the words that the bridge passes on. */
export class InvocationError extends Error {}

export class Runtime {
  #options;
  #idle = [];
  #all = new Set();
  #stopped = false;

  /**
   * `app` is the folder of the bundle, `serve(target, path, init, invocation)` answers what the
   * @forge packages ask of the platform, `log(level, line)` gets the app's console.
   */
  constructor(options) {
    this.#options = options;
  }

  /** How many instances there are, busy or not. */
  get instances() {
    return this.#all.size;
  }

  /** Calls an export of a bundle file with `args`; gives what it returns. */
  async invoke({ file, name }, args, invocation, timeoutMs) {
    if (this.#stopped) throw new InvocationError("The host is stopping.");
    const instance = this.#take(join(this.#options.app, file));
    const deadline = Date.now() + timeoutMs;
    invocation.remainingMs = () => Math.max(1, deadline - Date.now());
    try {
      const value = await instance.run(name, args, invocation, deadline);
      this.#idle.push(instance);
      return value;
    } catch (error) {
      if (error instanceof InvocationError && error.fatal) instance.end();
      else this.#idle.push(instance);
      throw error;
    }
  }

  #take(file) {
    let modified;
    try {
      modified = statSync(file).mtimeMs;
    } catch {
      throw new InvocationError(`${file} is missing: run \`cargo xtask build\`.`);
    }
    // A bundle that was built anew replaces the running one, as under `forge tunnel`.
    const usable = this.#idle.findIndex((it) => it.file === file && it.modified === modified);
    if (usable >= 0) return this.#idle.splice(usable, 1)[0];
    for (const old of this.#idle.filter((it) => it.file === file)) old.end();
    this.#idle = this.#idle.filter((it) => it.file !== file);
    const instance = new Instance(file, modified, this.#options, () => {
      this.#all.delete(instance);
      this.#idle = this.#idle.filter((it) => it !== instance);
    });
    this.#all.add(instance);
    return instance;
  }

  /** Ends all instances. */
  async stop() {
    this.#stopped = true;
    await Promise.all([...this.#all].map((instance) => instance.end()));
  }
}

class Instance {
  #worker;
  #serve;
  #log;
  #running;

  constructor(file, modified, { serve, log, appContext, limits, memoryMb, egress }, ended) {
    this.file = file;
    this.modified = modified;
    this.#serve = serve;
    this.#log = log;
    this.#worker = new Worker(new URL("./instance.mjs", import.meta.url), {
      workerData: { file, appContext, limits, egress },
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
      env: {},
    });
    this.#worker.on("message", (message) => this.#hear(message));
    this.#worker.on("error", (error) => {
      this.#log("error", `the runtime instance failed: ${error.stack ?? error.message}`);
      this.#fail("The app's code failed outside of any handler.");
    });
    this.#worker.on("exit", () => {
      this.#fail("The app's runtime instance ended.");
      ended();
    });
  }

  run(name, args, invocation, deadline) {
    const id = randomUUID();
    return new Promise((resolve, reject) => {
      const seconds = Math.round((deadline - Date.now()) / 1000);
      const timer = setTimeout(
        () => this.#fail(`Task timed out after ${seconds}.00 seconds`),
        deadline - Date.now(),
      );
      this.#running = { id, resolve, reject, invocation, timer };
      const { context, module, principal, scopes, external } = invocation;
      this.#worker.postMessage({
        kind: "invoke",
        id,
        name,
        args,
        deadline,
        moduleKey: module.key,
        aaid: principal,
        cloudId: context.cloudId,
        permissions: { scopes, external },
      });
    });
  }

  #settle() {
    const running = this.#running;
    this.#running = undefined;
    if (running) clearTimeout(running.timer);
    return running;
  }

  #fail(message) {
    const error = new InvocationError(message);
    error.fatal = true;
    this.#settle()?.reject(error);
  }

  async #hear(message) {
    const running = this.#running;
    if (message.kind === "log") return this.#log(message.level, message.line);
    // An answer to an invocation that is over, or a call by a promise left behind by one.
    if (!running || running.id !== message.invocation) return;
    if (message.kind === "fetch") {
      const { target, path, init, id } = message;
      let answer;
      try {
        answer = await this.#serve(target, path, init, running.invocation);
      } catch (error) {
        this.#log("error", `the host failed on ${path}: ${error.stack}`);
        answer = { status: 500, headers: { "forge-proxy-error": "UNKNOWN_ERROR" }, body: "" };
      }
      this.#worker.postMessage({ kind: "answer", id, answer });
    } else if (message.kind === "result") {
      this.#settle().resolve(message.value);
    } else if (message.kind === "thrown") {
      this.#settle().reject(new InvocationError(message.message));
    }
  }

  end() {
    return this.#worker.terminate();
  }
}
