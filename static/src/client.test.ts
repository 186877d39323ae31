import { expect, test } from "vitest";
import { call } from "./client";
import { messages } from "./messages";
import { answering, payloadsOf } from "./test/bridge";
import { context, failure } from "./test/samples";

test("gives what the resolver answers, and sends the payload as it is", async () => {
  answering({ context: () => ({ ok: context() }), listVideos: () => ({ error: failure() }) });
  expect(await call("context")).toEqual({ ok: context() });
  expect(await call("listVideos", { pageId: "65601" })).toEqual({ error: failure() });
  expect(payloadsOf("listVideos")).toEqual([{ pageId: "65601" }]);
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
