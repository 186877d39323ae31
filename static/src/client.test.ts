import { expect, test } from "vitest";
import { call } from "./client";
import { messages } from "./messages";
import { UI_VERSION } from "./protocol";
import { answering, payloadsOf } from "./test/bridge";
import { context, failure } from "./test/samples";

test("gives what the resolver answers, and sends the payload as it is", async () => {
  answering({ context: () => ({ ok: context() }), listVideos: () => ({ error: failure() }) });
  expect(await call("context")).toEqual({ ok: context() });
  expect(await call("listVideos", { pageId: "65601" })).toEqual({ error: failure() });
  expect(payloadsOf("listVideos")).toEqual([{ pageId: "65601" }]);
});

test("says its version with each call, so that a window of another age is told so", async () => {
  const seen: unknown[] = [];
  answering({
    settings: (payload) => {
      seen.push(payload);
      return { error: failure() };
    },
  });
  await call("settings");
  expect(seen).toEqual([{ uiVersion: UI_VERSION }]);
});

test("does not send what Forge would not take, and says what to do", async () => {
  answering({ preview: () => ({ error: failure() }) });
  const selection = "\u0939".repeat(170_000);
  expect(await call("preview", { pageId: "65601", selection })).toEqual({
    error: { code: "too_large", ...messages.failure.tooLarge },
  });
  expect(payloadsOf("preview")).toEqual([]);
});

test("turns a bridge that throws into a failure without the bridge's words", async () => {
  answering({
    settings: () => {
      throw new Error("secret detail");
    },
  });
  expect(await call("settings")).toEqual({
    error: { code: "internal", ...messages.failure.noConnection },
  });
});

test.each([undefined, null, "text", {}, { error: null }, { error: { code: "internal" } }])(
  "refuses %j as an answer",
  async (answer) => {
    answering({ settings: () => answer });
    expect(await call("settings")).toEqual({
      error: { code: "internal", ...messages.failure.noAnswer },
    });
  },
);
