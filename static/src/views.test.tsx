import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, test, vi } from "vitest";
import { App } from "./App";
import { messages } from "./messages";
import type { ErrorCode, PreviewAnswer } from "./protocol";
import { answering, payloadsOf } from "./test/bridge";
import { context, done, failure, KEY, media, preview, site, VIDEO_ID, video } from "./test/samples";

const WAIT = { timeout: 15_000 };
const button = (name: string | RegExp) => screen.findByRole("button", { name }, WAIT);

/** From the text to look and sound. */
const toLook = async () => userEvent.click(await button(messages.create.next));

/** What is said of a field besides its name. */
const describing = (field: HTMLElement) =>
  document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent;

afterEach(() => vi.useRealTimers());

describe("create", () => {
  const start = (change = {}) =>
    answering({ context: () => ({ ok: context(change) }), preview: () => ({ ok: preview }) });

  test("P9 shows the text that will leave, what was removed by kind, count and place", async () => {
    start();
    render(<App />);
    expect(await screen.findByLabelText("Text of section 1", {}, WAIT)).toHaveProperty(
      "value",
      "The owner calls a colleague.",
    );
    const removals = screen.getByRole("region", { name: messages.removals.title });
    expect(removals.textContent).toContain("4 items");
    const items = within(removals)
      .getAllByRole("listitem")
      .map((item) => item.textContent);
    expect(items).toEqual([
      "1 name, in the title",
      "1 mention, in the text of “Who does what”",
      "2 e-mail addresses, in the list of “Who does what”",
    ]);
    expect(screen.getByText("18 words, about 0:08 of narration")).toBeTruthy();
  });

  test("P9 marks each removal where it was, and says it to those who do not see the mark", async () => {
    const person = userEvent.setup();
    start();
    const { container } = render(<App />);
    const text = await screen.findByLabelText("Text of section 1", {}, WAIT);
    const marked = () => [...container.querySelectorAll("mark")].map((it) => it.textContent);
    // The same words in the second section are the page's own: nobody was removed there.
    expect(marked()).toEqual(["a colleague"]);
    expect(describing(text)).toBe("Removed from this section: 1 mention, 2 e-mail addresses.");
    expect(describing(screen.getByLabelText(messages.create.videoTitle))).toBe(
      "Removed from the title: 1 name.",
    );
    expect(screen.getByLabelText("Text of section 2").hasAttribute("aria-describedby")).toBe(false);
    await person.clear(text);
    await person.type(text, "A colleague and a colleague.");
    expect(marked()).toEqual(["A colleague", "a colleague"]);
  });

  test("a heading stays one line", async () => {
    start();
    render(<App />);
    const heading = await screen.findByLabelText("Heading of section 1", {}, WAIT);
    fireEvent.change(heading, { target: { value: "Who\r\ndoes what" } });
    expect(heading).toHaveProperty("value", "Who does what");
  });

  test("offers only choices that the engine has", async () => {
    start();
    render(<App />);
    await toLook();
    const styles = screen.getByRole("group", { name: messages.options.style });
    expect(
      within(styles)
        .getAllByRole("radio")
        .map((it) => (it as HTMLInputElement).value),
    ).toEqual(["whiteboard", "chalkboard"]);
    expect(screen.getByLabelText(messages.options.length)).toBeTruthy();
    for (const label of ["voice", "language", "music"] as const) {
      expect(screen.queryByLabelText(messages.options[label])).toBeNull();
    }
    expect(screen.queryByRole("group", { name: messages.options.orientation })).toBeNull();
  });

  test("sends the edited text, shows the progress, then the player, then starts anew", async () => {
    const person = userEvent.setup();
    start();
    let polls = 0;
    answering({
      createVideo: () => ({ ok: video({ state: "queued", stage: "waiting", percent: 0 }) }),
      videoStatus: () => {
        polls += 1;
        return polls === 1
          ? { ok: { video: video(), media: null, outOfDate: false } }
          : { ok: { video: done, media, outOfDate: false } };
      },
    });
    render(<App />);
    const text = await screen.findByLabelText("Text of section 2", {}, WAIT);
    await person.clear(text);
    await person.clear(screen.getByLabelText("Heading of section 2"));
    await person.click(await button(messages.createVideo));
    const bar = await screen.findByRole("progressbar", {}, WAIT);
    expect(bar.getAttribute("aria-valuenow")).toBe("0.42");
    expect(bar.getAttribute("aria-label")).toContain("42 percent");
    expect(
      screen
        .getByRole("list", { name: messages.progress.stageList })
        .querySelector("[aria-current]")?.textContent,
    ).toContain(messages.progress.shortStages.drawing);
    expect(screen.getByText(messages.progress.stages.drawing).getAttribute("aria-live")).toBe(
      "polite",
    );
    expect(screen.getByText(messages.progress.goesOn)).toBeTruthy();
    const player = await screen.findByLabelText("Video: Incident guide", {}, WAIT);
    expect(player.getAttribute("src")).toBe(media.videoUrl);
    expect(player.getAttribute("crossorigin")).toBe("anonymous");
    const track = player.querySelector("track");
    expect(track?.kind).toBe("captions");
    expect(track?.default).toBe(true);
    expect(payloadsOf("createVideo")).toEqual([
      {
        pageId: "65601",
        pageVersion: 4,
        sourceFingerprint: preview.fingerprint,
        script: { title: "Incident guide", sections: [preview.script.sections[0]] },
        options: { ...video().options },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    ]);
    await person.click(await button("0:30 After the incident"));
    expect((player as HTMLVideoElement).currentTime).toBe(30);
    await person.click(await button(messages.create.another));
    expect(await screen.findByLabelText("Text of section 2", {}, WAIT)).toBeTruthy();
    expect(payloadsOf("preview")).toHaveLength(2);
    expect(document.activeElement?.textContent).toBe(messages.create.script);
  });

  test("the same wish tried again carries the same id, another wish another", async () => {
    const person = userEvent.setup();
    start();
    answering({ createVideo: () => ({ error: failure() }) });
    render(<App />);
    await person.click(await button(messages.createVideo));
    // One button for one thing: the one that asked asks again.
    await screen.findByRole("alert");
    expect(screen.queryByRole("button", { name: messages.retry })).toBeNull();
    await person.click(await button(messages.createVideo));
    await waitFor(() => expect(payloadsOf("createVideo")).toHaveLength(2));
    await screen.findByRole("alert");
    await person.type(screen.getByLabelText("Text of section 1"), "!");
    await person.click(await button(messages.createVideo));
    await waitFor(() => expect(payloadsOf("createVideo")).toHaveLength(3));
    const ids = payloadsOf("createVideo").map((it) => (it as { requestId: string }).requestId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  test("makes a video of the selection alone", async () => {
    start({ selection: "a few words" });
    render(<App />);
    expect(await screen.findByText(messages.create.fromSelection, {}, WAIT)).toBeTruthy();
    expect(payloadsOf("preview")).toEqual([{ pageId: "65601", selection: "a few words" }]);
  });

  test.each([
    [true, messages.create.keyMissing.asAdmin],
    [false, messages.create.keyMissing.askAdmin],
  ])("says that a key is missing before any work is done (admin: %s)", async (isAdmin, action) => {
    const engine = { ...site().engine, requiresApiKey: true };
    start({ isAdmin, site: site({ engine }) });
    render(<App />);
    expect(await screen.findByText(action, {}, WAIT)).toBeTruthy();
    expect(payloadsOf("preview")).toEqual([]);
  });

  test("times each section while it is edited", async () => {
    const person = userEvent.setup();
    start();
    render(<App />);
    const text = await screen.findByLabelText("Text of section 2", {}, WAIT);
    const times = () =>
      screen.getAllByTestId("preview-section").map((it) => it.querySelector(".time")?.textContent);
    expect(times()).toEqual(["About 0:04", "About 0:04"]);
    await person.click(text);
    await person.paste(" word".repeat(150));
    expect(times()).toEqual(["About 0:04", "About 1:04"]);
    expect(screen.getByText("168 words, about 1:08 of narration")).toBeTruthy();
  });

  test("chooses the page's language where it can be narrated, and says what was recognised", async () => {
    const offering = (languages: string[]) => {
      const { engine } = site();
      return { site: site({ engine: { ...engine, options: { ...engine.options, languages } } }) };
    };
    const german = { ...preview, language: "de" };
    start(offering(["en", "de-DE"]));
    answering({
      preview: () => ({ ok: german }),
      createVideo: () => ({ ok: video() }),
      videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
    });
    const { unmount } = render(<App />);
    await toLook();
    expect(await screen.findByText(messages.options.recognised("German"), {}, WAIT)).toBeTruthy();
    await userEvent.click(await button(messages.createVideo));
    await waitFor(() => expect(payloadsOf("createVideo")).toHaveLength(1));
    expect(payloadsOf("createVideo")[0]).toHaveProperty("options.language", "de-DE");
    unmount();
    start(offering(["en"]));
    answering({ preview: () => ({ ok: german }) });
    render(<App />);
    await toLook();
    expect(await screen.findByText(messages.options.notOffered("German"), {}, WAIT)).toBeTruthy();
  });

  test("says quietly what the text lacks of the page", async () => {
    start();
    const lacking: PreviewAnswer = {
      ...preview,
      leftOut: [
        { heading: "Contacts", section: null },
        { heading: "After the incident", section: 1 },
      ],
      warnings: [{ kind: "notIncluded", name: "include", count: 2, message: "Not told." }],
    };
    answering({ preview: () => ({ ok: lacking }) });
    render(<App />);
    const notes = await screen.findByRole("region", { name: messages.notes.title }, WAIT);
    expect(
      within(notes)
        .getAllByRole("listitem")
        .map((it) => it.textContent),
    ).toEqual([
      "“Contacts” is left out",
      "“After the incident” is shortened",
      "Content that stands elsewhere (include) is not told. (2 times)",
    ]);
  });

  test("keeps code listings when asked, and what was written goes along", async () => {
    const person = userEvent.setup();
    start();
    render(<App />);
    const box = await screen.findByLabelText(messages.options.keepCode, {}, WAIT);
    await person.click(box);
    await waitFor(() => expect(payloadsOf("preview")).toHaveLength(2));
    expect(payloadsOf("preview")[1]).toEqual({ pageId: "65601", keepCode: true });
    await person.type(await screen.findByLabelText("Text of section 1"), " Mine.");
    const edited = {
      title: "Incident guide",
      sections: [
        { heading: "Who does what", text: "The owner calls a colleague. Mine." },
        preview.script.sections[1],
      ],
    };
    answering({
      preview: () => ({
        ok: { ...preview, merged: { script: edited, conflicts: [], titleConflicts: false } },
      }),
    });
    await person.click(box);
    await waitFor(() => expect(payloadsOf("preview")).toHaveLength(3));
    expect(payloadsOf("preview")[2]).toEqual({
      pageId: "65601",
      edits: { base: preview.script, edited },
    });
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty(
      "value",
      "The owner calls a colleague. Mine.",
    );
  });

  test("another length is read anew", async () => {
    const person = userEvent.setup();
    start();
    render(<App />);
    await toLook();
    await person.click(await screen.findByLabelText(messages.options.length, {}, WAIT));
    await person.click(await screen.findByText(messages.options.lengths.minute1, {}, WAIT));
    await waitFor(() => expect(payloadsOf("preview")).toHaveLength(2));
    expect(payloadsOf("preview")[1]).toEqual({ pageId: "65601", length: "minute1" });
  });

  test("a page that changed meanwhile is loaded with the person's edits, and conflicts are shown", async () => {
    const person = userEvent.setup();
    start();
    answering({
      createVideo: () => ({ error: failure({ code: "page_changed", message: "It changed." }) }),
    });
    const { container } = render(<App />);
    const text = await screen.findByLabelText("Text of section 1", {}, WAIT);
    await person.clear(text);
    await person.type(text, "I call.");
    await person.click(await button(messages.createVideo));
    await screen.findByText("It changed.", {}, WAIT);
    expect(text).toHaveProperty("value", "I call.");

    const page = {
      title: "Incident guide",
      sections: [
        { heading: "Who does what", text: "The owner writes." },
        { heading: "After the incident", text: "Rest." },
      ],
    };
    const merged = {
      script: {
        title: "Incident guide",
        sections: [{ heading: "Who does what", text: "I call." }, page.sections[1]],
      },
      conflicts: [0],
      titleConflicts: false,
    };
    answering({
      preview: () => ({
        ok: {
          ...preview,
          pageVersion: 5,
          fingerprint: "1-fedcba9876543210fedcba9876543210",
          script: page,
          removals: [],
          merged,
        },
      }),
      createVideo: () => ({ ok: video() }),
      videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
    });
    await person.click(await button(messages.create.loadNew));
    expect(await screen.findByText(messages.create.loadedNew(1), {}, WAIT)).toBeTruthy();
    expect(payloadsOf("preview")[1]).toEqual({
      pageId: "65601",
      edits: {
        base: preview.script,
        edited: {
          title: "Incident guide",
          sections: [{ heading: "Who does what", text: "I call." }, preview.script.sections[1]],
        },
      },
    });
    expect(screen.queryByRole("alert")).toBeNull();
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty("value", "I call.");
    expect(screen.getByLabelText("Text of section 2")).toHaveProperty("value", "Rest.");
    const [conflict, ...others] = screen.getAllByTestId("conflict");
    expect(others).toEqual([]);
    expect(conflict?.textContent).toContain("The owner writes.");

    // The page's text can be taken after all.
    container.querySelector("details")?.setAttribute("open", "");
    await person.click(await button(messages.create.takePage));
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty("value", "The owner writes.");
    expect(screen.queryByTestId("conflict")).toBeNull();
    await person.click(await button(messages.createVideo));
    await waitFor(() => expect(payloadsOf("createVideo")).toHaveLength(2));
    expect(payloadsOf("createVideo")[1]).toMatchObject({
      pageVersion: 5,
      sourceFingerprint: "1-fedcba9876543210fedcba9876543210",
      script: page,
    });
  });

  test("what was written stays when the page cannot be read again", async () => {
    const person = userEvent.setup();
    start();
    render(<App />);
    const text = await screen.findByLabelText("Text of section 1", {}, WAIT);
    await person.clear(text);
    await person.type(text, "Mine.");
    answering({ preview: () => ({ error: failure() }) });
    await person.click(screen.getByLabelText(messages.options.keepCode));
    expect(await screen.findByText("The video service did not answer.", {}, WAIT)).toBeTruthy();
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty("value", "Mine.");
    expect((await button(messages.createVideo)).hasAttribute("disabled")).toBe(false);
    start();
    await person.click(await button(messages.retry));
    await waitFor(() => expect(payloadsOf("preview")).toHaveLength(3));
    expect(payloadsOf("preview")[2]).toMatchObject({ keepCode: true });
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  test("leaves out the sections that the person does not want, and takes them back", async () => {
    const person = userEvent.setup();
    start();
    answering({
      createVideo: () => ({ ok: video() }),
      videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
    });
    render(<App />);
    const box = await screen.findByLabelText(messages.create.tellSection(1), {}, WAIT);
    await person.click(box);
    expect(screen.getByText(messages.create.leftOut)).toBeTruthy();
    expect(screen.getByText(/^10 words/)).toBeTruthy();
    await person.click(screen.getByLabelText(messages.create.tellSection(2)));
    expect((await button(messages.createVideo)).hasAttribute("disabled")).toBe(true);
    await person.click(screen.getByLabelText(messages.create.tellSection(2)));
    await toLook();
    await person.click(await button(messages.createVideo));
    await waitFor(() => expect(payloadsOf("createVideo")).toHaveLength(1));
    expect(payloadsOf("createVideo")[0]).toHaveProperty("script", {
      title: "Incident guide",
      sections: [preview.script.sections[1]],
    });
  });

  test("offers the choices of the last time, where the engine still has them", async () => {
    const person = userEvent.setup();
    start();
    const last = { ...video().options, style: "chalkboard" };
    localStorage.setItem("golpo.options", JSON.stringify(last));
    const { unmount } = render(<App />);
    await toLook();
    await person.click(await button(messages.options.asLastTime));
    expect(screen.getByLabelText(messages.options.styles.chalkboard)).toHaveProperty(
      "checked",
      true,
    );
    expect(screen.queryByRole("button", { name: messages.options.asLastTime })).toBeNull();
    unmount();
    localStorage.setItem("golpo.options", JSON.stringify({ ...last, style: "gone" }));
    render(<App />);
    await toLook();
    expect(screen.queryByRole("button", { name: messages.options.asLastTime })).toBeNull();
  });

  test("a window that was closed on a video finds it again, and text written meanwhile", async () => {
    const person = userEvent.setup();
    start();
    answering({
      createVideo: () => ({ ok: video() }),
      videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
    });
    const { unmount } = render(<App />);
    await person.type(await screen.findByLabelText("Text of section 1", {}, WAIT), " Mine.");
    await person.click(await button(messages.createVideo));
    await screen.findByRole("progressbar", {}, WAIT);
    await person.click(await button(messages.create.backToText));
    expect(screen.getByLabelText("Text of section 1")).toHaveProperty(
      "value",
      "The owner calls a colleague. Mine.",
    );
    unmount();
    render(<App />);
    expect(await screen.findByText(messages.create.making, {}, WAIT)).toBeTruthy();
    await person.click(await button(messages.create.showMaking));
    expect(await screen.findByRole("progressbar", {}, WAIT)).toBeTruthy();
    expect(payloadsOf("createVideo")).toHaveLength(1);
  });

  test("cannot send an empty text", async () => {
    const person = userEvent.setup();
    start();
    render(<App />);
    await person.clear(await screen.findByLabelText(messages.create.videoTitle, {}, WAIT));
    expect(screen.getByText(messages.create.empty)).toBeTruthy();
    expect((await button(messages.createVideo)).hasAttribute("disabled")).toBe(true);
  });

  test("a failed video says why", async () => {
    const why = failure({ code: "engine_failed", message: "The engine stopped." });
    start();
    answering({
      createVideo: () => ({ ok: video() }),
      videoStatus: () => ({
        ok: { video: video({ state: "failed", failure: why }), media: null, outOfDate: false },
      }),
    });
    render(<App />);
    await userEvent.click(await button(messages.createVideo));
    expect(await screen.findByText("The engine stopped.", {}, WAIT)).toBeTruthy();
    expect(screen.getByText(why.action)).toBeTruthy();
  });

  test("a video that waits says for what, and goes on", async () => {
    const why = failure({ code: "engine_unavailable", message: "Golpo is silent." });
    let polls = 0;
    start();
    answering({
      createVideo: () => ({ ok: video() }),
      videoStatus: () => {
        polls += 1;
        const waits = { ok: { video: video({ failure: why }), media: null, outOfDate: false } };
        const made = { ...done, engine: "golpo" };
        return polls < 2 ? waits : { ok: { video: made, media, outOfDate: false } };
      },
    });
    render(<App />);
    await userEvent.click(await button(messages.createVideo));
    expect(await screen.findByText("Golpo is silent.", {}, WAIT)).toBeTruthy();
    expect(screen.getByRole("progressbar")).toBeTruthy();
    const made = messages.player.madeBy("golpo");
    expect(await screen.findByText(made, {}, WAIT)).toBeTruthy();
    expect(screen.queryByText("Golpo is silent.")).toBeNull();
  });

  test("goes on asking while the progress cannot be read", async () => {
    let polls = 0;
    start();
    answering({
      createVideo: () => ({ ok: video() }),
      videoStatus: () => {
        polls += 1;
        if (polls === 2) return { error: failure() };
        return { ok: { video: video({ percent: polls * 10 }), media: null, outOfDate: false } };
      },
    });
    render(<App />);
    await userEvent.click(await button(messages.createVideo));
    expect(await screen.findByText(messages.progress.unreachable, {}, WAIT)).toBeTruthy();
    expect(await screen.findByText("30%", {}, WAIT)).toBeTruthy();
  });
});

describe("progress", () => {
  afterEach(() => {
    Reflect.deleteProperty(document, "hidden");
  });

  test("nothing is asked while nobody looks, and at once when somebody does", async () => {
    const hide = (hidden: boolean) => {
      Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    };
    answering(
      {
        context: () => ({ ok: context({ view: "macro", videoId: VIDEO_ID }) }),
        videoStatus: () => ({ ok: { video: video(), media: null, outOfDate: false } }),
      },
      { getContext: () => ({ extension: {} }) },
    );
    vi.useFakeTimers({ shouldAdvanceTime: true });
    render(<App />);
    await screen.findByRole("progressbar", {}, WAIT);
    await act(() => vi.advanceTimersByTimeAsync(1500));
    const before = payloadsOf("videoStatus").length;
    expect(before).toBeGreaterThan(1);
    hide(true);
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(payloadsOf("videoStatus")).toHaveLength(before);
    hide(false);
    await act(() => vi.advanceTimersByTimeAsync(10));
    expect(payloadsOf("videoStatus")).toHaveLength(before + 1);
    await act(() => vi.advanceTimersByTimeAsync(1500));
    expect(payloadsOf("videoStatus").length).toBeGreaterThan(before + 1);
  });
});

describe("failures", () => {
  const retried: Record<ErrorCode, boolean> = {
    unknown_operation: false,
    invalid_request: false,
    too_large: false,
    scope_missing: true,
    sign_in_required: true,
    licence_inactive: false,
    version_mismatch: false,
    no_page: false,
    admin_required: false,
    api_key_missing: true,
    api_key_invalid: false,
    page_not_found: true,
    page_forbidden: true,
    page_empty: false,
    page_changed: false,
    page_unreadable: false,
    attachment_not_found: false,
    attachment_too_large: false,
    attachment_unsupported: false,
    attachment_encrypted: false,
    attachment_unreadable: false,
    attachment_without_text: false,
    confluence_unavailable: true,
    storage_unavailable: true,
    backend_unavailable: true,
    token_expired: true,
    token_invalid: true,
    video_not_found: true,
    deletion_not_found: false,
    video_not_ready: true,
    media_link_invalid: true,
    media_link_expired: true,
    idempotency_conflict: false,
    engine_failed: true,
    api_key_refused: true,
    engine_plan: true,
    engine_busy: true,
    engine_unavailable: true,
    engine_timed_out: false,
    engine_unclear: false,
    video_cancelled: false,
    video_ended: false,
    allowance_used: false,
    site_suspended: false,
    site_deleting: true,
    service_paused: true,
    app_blocked: false,
    rate_limited: true,
    not_found: true,
    internal: true,
  };
  test.each(Object.entries(retried) as [ErrorCode, boolean][])(
    "%s is shown with what to do (try again: %s)",
    async (code, again) => {
      const shown = failure({ code, message: `It is ${code}.`, action: `Mend ${code}.` });
      answering({ context: () => ({ ok: context() }), preview: () => ({ error: shown }) });
      render(<App />);
      const alert = await screen.findByRole("alert", {}, WAIT);
      expect(alert.textContent).toContain(shown.message);
      expect(alert.textContent).toContain(shown.action);
      expect(within(alert).queryByRole("button", { name: messages.retry }) !== null).toBe(again);
    },
  );

  test("the start itself can fail and be tried again", async () => {
    answering({ context: () => ({ error: failure() }) });
    render(<App />);
    const again = await button(messages.retry);
    answering({
      context: () => ({ ok: context({ view: "library" }) }),
      listVideos: () => ({
        ok: { videos: [], outOfDate: [], mayBeOutOfDate: [], nextCursor: null },
      }),
    });
    await userEvent.click(again);
    expect(await screen.findByText(messages.list.emptyLibrary, {}, WAIT)).toBeTruthy();
  });
});

describe("lists", () => {
  test("the library lists, loads more and plays", async () => {
    const person = userEvent.setup();
    const second = video({ id: "0198c0de-0000-7000-8000-000000000002", title: "Second" });
    answering({
      context: () => ({ ok: context({ view: "library", pageId: null }) }),
      listVideos: ({ cursor }: { cursor?: string }) =>
        cursor === "next"
          ? {
              ok: {
                videos: [second],
                outOfDate: [],
                mayBeOutOfDate: [second.id],
                nextCursor: null,
              },
            }
          : {
              ok: { videos: [done], outOfDate: [VIDEO_ID], mayBeOutOfDate: [], nextCursor: "next" },
            },
      videoStatus: () => ({ ok: { video: done, media, outOfDate: true } }),
    });
    render(<App />);
    const row = (await button("Open Incident guide")).closest("tr");
    expect(row?.textContent).toContain(messages.list.outOfDate);
    expect(row?.textContent).not.toContain(messages.list.mayBeOutOfDate);
    expect(row?.textContent).toContain("1:05");
    await person.click(await button(messages.list.more));
    const later = (await button("Open Second")).closest("tr")?.textContent;
    expect(later).toContain("In progress");
    expect(later).toContain(messages.list.mayBeOutOfDate);
    expect(screen.queryByRole("button", { name: messages.list.more })).toBeNull();
    await person.click(await button("Open Incident guide"));
    expect(await screen.findByText(messages.player.outOfDate, {}, WAIT)).toBeTruthy();
    await waitFor(() =>
      expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Incident guide" })),
    );
    await person.click(await button(messages.back));
    expect(document.activeElement).toBe(await button("Open Incident guide"));
  });

  test("the byline lists this page's videos and leads to creating one", async () => {
    answering({
      context: () => ({ ok: context({ view: "byline" }) }),
      listVideos: () => ({
        ok: { videos: [], outOfDate: [], mayBeOutOfDate: [], nextCursor: null },
      }),
      preview: () => ({ ok: preview }),
    });
    render(<App />);
    expect(await screen.findByText(messages.list.emptyPage, {}, WAIT)).toBeTruthy();
    expect(payloadsOf("listVideos")).toEqual([{ pageId: "65601" }]);
    await userEvent.click(await button(messages.createVideo));
    expect(await screen.findByLabelText("Text of section 1", {}, WAIT)).toBeTruthy();
  });

  test("a list that fails offers to try again", async () => {
    answering({
      context: () => ({ ok: context({ view: "library" }) }),
      listVideos: () => ({ error: failure() }),
    });
    render(<App />);
    expect(await screen.findByText("The video service did not answer.", {}, WAIT)).toBeTruthy();
    expect(await button(messages.retry)).toBeTruthy();
  });
});

describe("macro", () => {
  const inMacro = (videoId: string | null, extension = {}) =>
    answering(
      {
        context: () => ({ ok: context({ view: "macro", videoId }) }),
        videoStatus: () => ({ ok: { video: done, media, outOfDate: false } }),
        listVideos: () => ({
          ok: { videos: [done, video()], outOfDate: [], mayBeOutOfDate: [], nextCursor: null },
        }),
      },
      { getContext: () => ({ extension }) },
    );

  test("plays the chosen video", async () => {
    inMacro(VIDEO_ID);
    render(<App />);
    expect(await screen.findByLabelText("Video: Incident guide", {}, WAIT)).toBeTruthy();
  });

  test("says that none is chosen", async () => {
    inMacro(null);
    render(<App />);
    expect(await screen.findByText(messages.macro.noneHint, {}, WAIT)).toBeTruthy();
  });

  test("inserting one without its configuration shows no picker", async () => {
    inMacro(null, { macro: { isConfiguring: false, isInserting: true } });
    render(<App />);
    expect(await screen.findByText(messages.macro.noneHint, {}, WAIT)).toBeTruthy();
  });

  test("its configuration can be left without a choice", async () => {
    const closed = vi.fn(() => true);
    inMacro(null, { macro: { isConfiguring: true } });
    answering({}, { close: closed });
    render(<App />);
    await userEvent.click(await button(messages.macro.cancel));
    expect(closed).toHaveBeenCalledOnce();
  });

  test("its configuration submits the chosen video", async () => {
    const submitted = vi.fn(() => true);
    inMacro(null, { macro: { isConfiguring: true } });
    answering({}, { submit: submitted });
    render(<App />);
    expect(
      await screen.findAllByRole("button", { name: "Choose Incident guide" }, WAIT),
    ).toHaveLength(1);
    await userEvent.click(await button("Choose Incident guide"));
    expect(submitted).toHaveBeenCalledWith({ config: { videoId: VIDEO_ID } });
  });
});

describe("a view that Forge tells all of", () => {
  const at = (moduleKey: string, extension: object = {}) =>
    answering(
      {
        videoStatus: () => ({ ok: { video: done, media, outOfDate: false } }),
        listVideos: () => ({
          ok: { videos: [done], outOfDate: [], mayBeOutOfDate: [], nextCursor: null },
        }),
        settings: () => ({ ok: { site: site() } }),
      },
      { getContext: () => ({ moduleKey, extension }) },
    );

  test.each([
    ["golpo-video", { config: { videoId: VIDEO_ID } }, "videoStatus"],
    ["golpo-byline", { content: { id: 65601 } }, "listVideos"],
    ["golpo-library", {}, "listVideos"],
    ["golpo-settings", {}, "settings"],
  ] as const)("%s opens with one call", async (moduleKey, extension, operation) => {
    at(moduleKey, extension);
    render(<App />);
    await waitFor(() => expect(payloadsOf(operation)).toHaveLength(1), WAIT);
    expect(payloadsOf("context")).toEqual([]);
    if (operation === "listVideos" && "content" in extension) {
      expect(payloadsOf(operation)).toEqual([{ pageId: "65601" }]);
    }
  });

  test("what is needed to make a video is asked for when one is to be made", async () => {
    at("golpo-byline", { content: { id: "65601" } });
    answering({ context: () => ({ ok: context() }), preview: () => ({ ok: preview }) });
    render(<App />);
    await userEvent.click(await button(messages.createVideo));
    expect(await screen.findByLabelText("Text of section 1", {}, WAIT)).toBeTruthy();
    expect(payloadsOf("context")).toHaveLength(1);
  });
});

describe("player", () => {
  test("asks for new addresses before the old ones end", async () => {
    const soon = { ...media, expiresAt: new Date(Date.now() + 120_000).toISOString() };
    const later = { ...media, videoUrl: "http://127.0.0.1:1/media/video.mp4?signature=new" };
    let current = soon;
    answering(
      {
        context: () => ({ ok: context({ view: "macro", videoId: VIDEO_ID }) }),
        videoStatus: () => ({ ok: { video: done, media: current, outOfDate: false } }),
      },
      { getContext: () => ({ extension: {} }) },
    );
    vi.useFakeTimers({ shouldAdvanceTime: true });
    render(<App />);
    const player = await screen.findByLabelText("Video: Incident guide", {}, WAIT);
    current = later;
    await act(() => vi.advanceTimersByTimeAsync(50_000));
    expect(payloadsOf("videoStatus")).toHaveLength(1);
    await act(() => vi.advanceTimersByTimeAsync(12_000));
    expect(payloadsOf("videoStatus")).toHaveLength(2);
    await waitFor(() => expect(player.getAttribute("src")).toBe(later.videoUrl));
  });
});

describe("download", () => {
  const saved = () => {
    const names: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function click(
      this: HTMLAnchorElement,
    ) {
      names.push(`${this.download} ${this.href}`);
    });
    URL.createObjectURL = () => "blob:made";
    URL.revokeObjectURL = () => undefined;
    return names;
  };
  const play = () => {
    answering(
      {
        context: () => ({ ok: context({ view: "macro", videoId: VIDEO_ID }) }),
        videoStatus: () => ({ ok: { video: done, media, outOfDate: false } }),
      },
      { getContext: () => ({ extension: {} }) },
    );
    render(<App />);
    return screen.findByRole("link", { name: messages.player.download }, WAIT);
  };
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  test("saves the video under its title", async () => {
    const names = saved();
    const fetched = vi.fn(async () => new Response("bytes"));
    vi.stubGlobal("fetch", fetched);
    const link = await play();
    fireEvent.click(link);
    await waitFor(() => expect(names).toEqual(["Incident guide.mp4 blob:made"]));
    expect(fetched).toHaveBeenCalledWith(media.videoUrl);
  });

  test("says when it cannot, and tries again", async () => {
    const names = saved();
    let status = 403;
    vi.stubGlobal("fetch", async () => new Response("", { status }));
    fireEvent.click(await play());
    const alert = await screen.findByRole("alert", {}, WAIT);
    expect(alert.textContent).toContain(messages.player.notDownloaded.message);
    expect(names).toEqual([]);
    status = 200;
    await userEvent.click(await button(messages.retry));
    await waitFor(() => expect(names).toHaveLength(1));
  });
});

describe("a player whose addresses ended while the machine slept", () => {
  test("renews them once, then asks", async () => {
    const ended = { ...media, expiresAt: new Date(Date.now() - 1000).toISOString() };
    answering(
      {
        context: () => ({ ok: context({ view: "macro", videoId: VIDEO_ID }) }),
        videoStatus: () => ({ ok: { video: done, media: ended, outOfDate: false } }),
      },
      { getContext: () => ({ extension: {} }) },
    );
    render(<App />);
    const player = await screen.findByLabelText("Video: Incident guide", {}, WAIT);
    fireEvent.loadedMetadata(player);
    fireEvent.error(player);
    await waitFor(() => expect(payloadsOf("videoStatus")).toHaveLength(2));
    expect(screen.queryByRole("alert")).toBeNull();
    fireEvent.error(player);
    const alert = await screen.findByRole("alert", {}, WAIT);
    expect(alert.textContent).toContain(messages.player.broken.message);
  });
});

describe("settings", () => {
  const withKey = site({
    apiKey: { present: true, fingerprint: "0a1b2c3d", savedAt: "2026-11-24T10:00:00Z" },
  });

  test("P4 a plain user reads why not and what to do", async () => {
    answering({
      context: () => ({ ok: context({ view: "settings" }) }),
      settings: () => ({
        error: failure({
          code: "admin_required",
          message: "Not for you.",
          action: "Ask an admin.",
        }),
      }),
    });
    render(<App />);
    const alert = await screen.findByRole("alert", {}, WAIT);
    expect(alert.dataset.code).toBe("admin_required");
    expect(alert.textContent).toContain("Ask an admin.");
    expect(screen.queryByLabelText(messages.settings.key)).toBeNull();
  });

  test("P11 saves a key, shows its fingerprint and never the key; removes it after asking", async () => {
    const person = userEvent.setup();
    answering({
      context: () => ({ ok: context({ view: "settings", isAdmin: true }) }),
      settings: () => ({ ok: { site: site() } }),
      saveApiKey: () => ({ ok: { site: withKey } }),
      removeApiKey: () => ({ ok: { site: site() } }),
    });
    const { container } = render(<App />);
    const field = await screen.findByLabelText(messages.settings.key, { selector: "input" }, WAIT);
    expect(field.getAttribute("type")).toBe("password");
    await person.click(field);
    await person.paste(KEY);
    await person.click(await button(messages.settings.save));
    expect(await screen.findByText("0a1b2c3d", {}, WAIT)).toBeTruthy();
    expect(screen.getByText(messages.settings.saved)).toBeTruthy();
    expect(payloadsOf("saveApiKey")).toEqual([{ apiKey: KEY }]);
    expect(container.innerHTML).not.toContain(KEY);
    expect((field as HTMLInputElement).value).toBe("");

    await person.click(await button(messages.settings.remove));
    const dialog = screen.getByRole("alertdialog", { name: messages.settings.removeTitle });
    expect(payloadsOf("removeApiKey")).toHaveLength(0);
    await person.click(within(dialog).getByRole("button", { name: messages.settings.remove }));
    expect(await screen.findByText(messages.settings.removed, {}, WAIT)).toBeTruthy();
    expect(payloadsOf("removeApiKey")).toHaveLength(1);
    expect(screen.queryByText("0a1b2c3d")).toBeNull();
  });

  test("shows use and engine", async () => {
    answering({
      context: () => ({ ok: context({ view: "settings", isAdmin: true }) }),
      settings: () => ({ ok: { site: site() } }),
    });
    render(<App />);
    expect(await screen.findByText("November 2026", {}, WAIT)).toBeTruthy();
    expect(screen.getByText("2:05")).toBeTruthy();
    expect(screen.getByText("Local (on your backend)")).toBeTruthy();
  });
});
