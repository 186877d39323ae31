// What Forge puts into the frame, for tests: `__bridge`, below the real @forge/bridge. Each test says
// what the resolver answers.

import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";
import { type Operation, UI_VERSION } from "../protocol";

type Answers = Partial<Record<Operation, (payload: never) => unknown>>;

interface Call {
  command: string;
  payload: unknown;
}

const state: {
  answers: Answers;
  others: Record<string, (payload: never) => unknown>;
  calls: Call[];
} = { answers: {}, others: {}, calls: [] };

Object.assign(globalThis, {
  __bridge: {
    async callBridge(command: string, payload: { functionKey: Operation; payload: never }) {
      state.calls.push({ command, payload });
      const answer =
        command === "invoke" ? state.answers[payload.functionKey] : state.others[command];
      if (!answer) throw new Error(`unexpected ${command} ${payload?.functionKey ?? ""}`);
      return answer((command === "invoke" ? payload.payload : payload) as never);
    },
  },
});

/** Says what operations, and other commands of the bridge, answer from now on. */
export function answering(
  answers: Answers,
  others: Record<string, (payload: never) => unknown> = {},
) {
  state.answers = { ...state.answers, ...answers };
  state.others = { ...state.others, ...others };
}

/** The payloads that an operation was called with, without the version that each call says. */
export function payloadsOf(operation: Operation): unknown[] {
  return state.calls
    .filter(({ command }) => command === "invoke")
    .map(({ payload }) => payload as { functionKey: string; payload: { uiVersion?: number } })
    .filter(({ functionKey }) => functionKey === operation)
    .map(({ payload: { uiVersion, ...payload } }) => {
      if (uiVersion !== UI_VERSION) throw new Error(`${operation} did not say its version`);
      return payload;
    });
}

afterEach(() => {
  cleanup();
  localStorage.clear();
  Object.assign(state, { answers: {}, others: {}, calls: [] });
});

// jsdom lays nothing out.
globalThis.ResizeObserver ??= class {
  observe() {}
  unobserve() {}
  disconnect() {}
};
HTMLMediaElement.prototype.play = async () => undefined;
HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
  this.open = true;
};
globalThis.matchMedia ??= (media: string) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener() {},
    removeListener() {},
  });
