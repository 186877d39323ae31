// Choosing attachments: the list, what cannot be chosen and why, and that edits survive.

import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, test } from "vitest";
import { App } from "./App";
import { bytes } from "./format";
import { messages } from "./messages";
import type { Attachment, Preview, PreviewAnswer } from "./protocol";
import { answering, payloadsOf } from "./test/bridge";
import { context, failure, preview, video } from "./test/samples";

const WAIT = { timeout: 15_000 };

const file = (id: string, name: string, change: Partial<Attachment> = {}): Attachment => ({
  id,
  name,
  mediaType: "",
  bytes: 2048,
  kind: "txt",
  problem: null,
  ...change,
});

const files = [
  file("att1", "notes.txt"),
  file("att2", "plan.docx", { kind: "docx", bytes: 70_000 }),
  file("att3", "scan.png", { kind: null, mediaType: "image/png", problem: "unsupported" }),
  file("att4", "log.txt", { bytes: 6_000_000, problem: "tooLarge" }),
];

function start(attachments = files, maxChosen = 10) {
  answering({
    context: () => ({ ok: context() }),
    preview: (payload: Preview) => ({
      ok: payload.edits
        ? withMerged(payload.edits.edited)
        : ({ ...preview, pageVersion: preview.pageVersion } satisfies PreviewAnswer),
    }),
    listAttachments: () => ({
      ok: { attachments, more: false, maxBytes: 5 * 1024 * 1024, maxChosen },
    }),
    createVideo: () => ({ ok: video() }),
    videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
  });
  render(<App />);
}

const withMerged = (script: PreviewAnswer["script"]): PreviewAnswer => ({
  ...preview,
  merged: { script, conflicts: [], titleConflicts: false },
});

async function open() {
  const person = userEvent.setup();
  await person.click(await screen.findByText(messages.attachments.open(0), {}, WAIT));
  const group = await screen.findByRole("group", { name: messages.attachments.legend }, WAIT);
  return { person, group };
}

/** What is said of a box besides its name. */
const about = (box: HTMLElement) =>
  document.getElementById(box.getAttribute("aria-describedby") ?? "")?.textContent;

describe("attachments", () => {
  test("are asked for when the list is opened, and not before", async () => {
    start();
    await screen.findByLabelText("Text of section 1", {}, WAIT);
    expect(payloadsOf("listAttachments")).toEqual([]);
    const { person } = await open();
    expect(payloadsOf("listAttachments")).toEqual([{ pageId: preview.pageId }]);
    await person.click(screen.getByText(messages.attachments.open(0)));
    await person.click(screen.getByText(messages.attachments.open(0)));
    expect(payloadsOf("listAttachments")).toHaveLength(1);
  });

  test("say their kind and size, the limits, and why one cannot be chosen", async () => {
    start();
    const { group } = await open();
    expect(within(group).getByText(messages.attachments.limits(10, "5 MB"))).toBeTruthy();
    const boxes = within(group).getAllByRole("checkbox");
    expect(boxes.map((box) => [box.hasAttribute("disabled"), about(box)])).toEqual([
      [false, "Text · 2 KB"],
      [false, "Word document · 68 KB"],
      [true, "image/png · 2 KB · text of this type cannot be read"],
      [true, "Text · 5.7 MB · larger than 5 MB"],
    ]);
  });

  test("load the text again when chosen, keep edits, and go along when sent", async () => {
    start();
    const { person } = await open();
    const text = screen.getByLabelText("Text of section 1");
    await person.clear(text);
    await person.type(text, "My own words.");
    await person.click(screen.getByLabelText("plan.docx"));
    await person.click(await screen.findByLabelText("notes.txt"));
    const asked = payloadsOf("preview").slice(1) as Preview[];
    expect(asked.map((it) => it.attachmentIds)).toEqual([["att2"], ["att2", "att1"]]);
    expect(asked[0]?.edits?.edited.sections[0]?.text).toBe("My own words.");
    expect(await screen.findByDisplayValue("My own words.")).toBeTruthy();
    expect(screen.getByText(messages.attachments.open(2))).toBeTruthy();
    await person.click(screen.getByTestId("create-video"));
    expect(payloadsOf("createVideo")).toHaveLength(1);
    expect(payloadsOf("createVideo")[0]).toMatchObject({ attachmentIds: ["att2", "att1"] });
  });

  test("no more than the limit can be chosen, and one can be taken back", async () => {
    start(files, 1);
    const { person } = await open();
    await person.click(screen.getByLabelText("notes.txt"));
    const other = screen.getByLabelText("plan.docx");
    expect(other.hasAttribute("disabled")).toBe(true);
    expect(about(other)).toContain(messages.attachments.full(1));
    await person.click(screen.getByLabelText("notes.txt"));
    expect(other.hasAttribute("disabled")).toBe(false);
  });

  test("one that cannot be read is not chosen any more, and the text stays", async () => {
    start();
    const { person } = await open();
    answering({
      preview: () => ({ error: failure({ code: "attachment_encrypted", message: "Locked." }) }),
    });
    const box = screen.getByLabelText("plan.docx");
    await person.click(box);
    expect((await screen.findByRole("alert")).textContent).toContain("Locked.");
    expect(box).toHaveProperty("checked", false);
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty(
      "value",
      "The owner calls a colleague.",
    );
  });

  test("none is said so", async () => {
    start([]);
    const person = userEvent.setup();
    await person.click(await screen.findByText(messages.attachments.open(0), {}, WAIT));
    expect(await screen.findByText(messages.attachments.none)).toBeTruthy();
  });

  test("sizes are in steps of 1,024", () => {
    expect([0, 1023, 1024, 1536, 10_240, 1_048_575, 5_242_880, 6_000_000].map(bytes)).toEqual([
      "0 B",
      "1,023 B",
      "1 KB",
      "1.5 KB",
      "10 KB",
      "1 MB",
      "5 MB",
      "5.7 MB",
    ]);
  });
});
