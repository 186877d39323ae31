// From a page to a video: see and edit what will leave, choose, send, watch.

import Button from "@atlaskit/button/new";
import { useRef, useState } from "react";
import type { ViewProps } from "../App";
import { call } from "../client";
import { clock } from "../format";
import { messages } from "../messages";
import { Attachments } from "../parts/Attachments";
import { FailureMessage } from "../parts/FailureMessage";
import { Heading } from "../parts/Heading";
import { Loading } from "../parts/Loading";
import { MarkedText } from "../parts/MarkedText";
import SectionMessage from "../parts/Message";
import { Notes } from "../parts/Notes";
import { defaultOptions, Options } from "../parts/Options";
import { Removals } from "../parts/Removals";
import { VideoWatch } from "../parts/VideoWatch";
import type {
  AttachmentId,
  Context,
  CreateVideo,
  Failure,
  PageId,
  Preview,
  PreviewAnswer,
  Removal,
  ScriptSection,
  VideoId,
  VideoOptions,
} from "../protocol";
import { isEmpty, origins, outline, tidy, total } from "../script";
import { useAnswer } from "../use-answer";

export default function Create({ context }: ViewProps) {
  const [round, setRound] = useState(0);
  const words = messages.create;
  const { engine, apiKey } = context.site;
  if (!context.pageId) {
    return (
      <SectionMessage>
        <p>{words.noPage}</p>
      </SectionMessage>
    );
  }
  if (engine.requiresApiKey && !apiKey.present) {
    return (
      <div data-testid="error" data-code="api_key_missing">
        <SectionMessage appearance="warning" title={words.keyMissing.title}>
          <p>{words.keyMissing.message}</p>
          <p>{context.isAdmin ? words.keyMissing.asAdmin : words.keyMissing.askAdmin}</p>
        </SectionMessage>
      </div>
    );
  }
  return (
    <FromPage
      key={round}
      context={context}
      pageId={context.pageId}
      takesFocus={round > 0}
      onAnother={() => setRound(round + 1)}
    />
  );
}

function FromPage({
  context,
  pageId,
  takesFocus,
  onAnother,
}: {
  context: Context;
  pageId: PageId;
  takesFocus: boolean;
  onAnother: () => void;
}) {
  const [videoId, setVideoId] = useState<VideoId>();
  const wish = { length: defaultOptions(context.site.engine.options, null).length };
  const { loaded, reload } = useAnswer(
    () => call("preview", previewOf(context, pageId, wish)),
    pageId,
  );
  if (videoId) {
    return (
      <>
        <VideoWatch videoId={videoId} />
        <div className="buttons">
          <Button onClick={onAnother}>{messages.create.another}</Button>
        </div>
      </>
    );
  }
  if (loaded.state === "loading") return <Loading text={messages.create.loading} />;
  if (loaded.state === "failed") {
    return <FailureMessage failure={loaded.failure} onRetry={reload} />;
  }
  return (
    <Editor context={context} first={loaded.value} takesFocus={takesFocus} onCreated={setVideoId} />
  );
}

/** The request of a preview; what is usual is left out. */
function previewOf(
  { selection }: Context,
  pageId: PageId,
  {
    length,
    keepCode,
    attachmentIds,
    edits,
  }: Pick<Preview, "length" | "keepCode" | "attachmentIds" | "edits">,
): Preview {
  return {
    pageId,
    ...(selection !== null && { selection }),
    ...(length && length !== "auto" && { length }),
    ...(keepCode && { keepCode }),
    ...(attachmentIds?.length && { attachmentIds }),
    ...(edits && { edits }),
  };
}

function Editor({
  context,
  first,
  takesFocus,
  onCreated,
}: {
  context: Context;
  first: PreviewAnswer;
  takesFocus: boolean;
  onCreated: (videoId: VideoId) => void;
}) {
  const words = messages.create;
  const catalogue = context.site.engine.options;
  const [preview, setPreview] = useState(first);
  const [script, setScript] = useState(first.script);
  const [conflicts, setConflicts] = useState<number[]>([]);
  const [titleConflicts, setTitleConflicts] = useState(false);
  const [options, setOptions] = useState(() => defaultOptions(catalogue, first.language));
  const [keepCode, setKeepCode] = useState(false);
  // What is ticked, and what the script on the screen was made with.
  const [files, setFiles] = useState<AttachmentId[]>([]);
  const [told, setTold] = useState<AttachmentId[]>([]);
  const [busy, setBusy] = useState<"sending" | "reading">();
  const [news, setNews] = useState("");
  // What failed, and of a reading what to read again: no other button does that.
  const [failed, setFailed] = useState<{
    failure: Failure;
    reading?: { isNew: boolean; attachmentIds: AttachmentId[] };
  }>();
  // The same wish sent again carries the same id, so that a lost answer makes no second video.
  const wish = useRef({ text: "", id: "" });
  const asked = useRef(0);

  const untouched = script === preview.script;
  const empty = isEmpty(script);

  const edit = (index: number, change: Partial<ScriptSection>) =>
    setScript({
      ...script,
      sections: script.sections.map((it, at) => (at === index ? { ...it, ...change } : it)),
    });

  /** Reads the page again, told in another way or changed; what the person wrote goes along. */
  const read = async (
    chosen: VideoOptions,
    withCode: boolean,
    isNew = false,
    attachmentIds = files,
  ) => {
    const mine = ++asked.current;
    setBusy("reading");
    setNews("");
    setFailed(undefined);
    const edits = untouched || empty ? undefined : { base: preview.script, edited: tidy(script) };
    const request = {
      length: chosen.length,
      keepCode: withCode,
      attachmentIds,
      ...(edits && { edits }),
    };
    const answer = await call("preview", previewOf(context, preview.pageId, request));
    // A later choice asks anew.
    if (mine !== asked.current) return;
    setBusy(undefined);
    if ("error" in answer) {
      setFailed({ failure: answer.error, reading: { isNew, attachmentIds } });
      // A file that could not be told is not in the text.
      setFiles(told);
      return;
    }
    setTold(attachmentIds);
    const { merged } = answer.ok;
    setPreview(answer.ok);
    setScript(merged?.script ?? answer.ok.script);
    setConflicts(merged?.conflicts ?? []);
    setTitleConflicts(merged?.titleConflicts ?? false);
    const count = (merged?.conflicts.length ?? 0) + (merged?.titleConflicts ? 1 : 0);
    if (isNew || count > 0) setNews(words.loadedNew(count));
  };
  const readAgain = ({
    isNew,
    attachmentIds,
  }: {
    isNew: boolean;
    attachmentIds: AttachmentId[];
  }) => {
    setFiles(attachmentIds);
    void read(options, keepCode, isNew, attachmentIds);
  };
  const choose = (chosen: VideoOptions) => {
    setOptions(chosen);
    if (chosen.length !== options.length) void read(chosen, keepCode);
  };
  const send = async () => {
    if (busy) return;
    const request = {
      pageId: preview.pageId,
      pageVersion: preview.pageVersion,
      sourceFingerprint: preview.fingerprint,
      script: tidy(script),
      options,
      ...(told.length > 0 && { attachmentIds: told }),
    } satisfies Omit<CreateVideo, "requestId">;
    const text = JSON.stringify(request);
    if (wish.current.text !== text) wish.current = { text, id: crypto.randomUUID() };
    setBusy("sending");
    setNews("");
    setFailed(undefined);
    const answer = await call("createVideo", { ...request, requestId: wish.current.id });
    // The page may be read by now, for another choice made meanwhile.
    setBusy((now) => (now === "sending" ? undefined : now));
    if ("ok" in answer) onCreated(answer.ok.id);
    else setFailed({ failure: answer.error });
  };

  const times = untouched ? preview.sections : outline(script);
  const whole = total(times);
  const from = origins(script, preview.script);
  const removedFrom = (section: number | null | undefined) =>
    preview.removals.filter((removal) => removal.section === section);
  // Where nobody was taken out, the same words are the page's own.
  const marksOf = (section: number | null | undefined) =>
    removedFrom(section).length > 0
      ? {
          phrases: preview.neutralPhrases,
          "aria-describedby": `removed-${section ?? "title"}`,
        }
      : { phrases: [] };
  const isReadOnly = busy === "reading";
  const reading = failed?.reading;

  return (
    <>
      <p>{context.selection === null ? words.fromPage : words.fromSelection}</p>
      <div className="create">
        <section className="script" aria-labelledby="script-title" aria-busy={isReadOnly}>
          <Heading id="script-title" level={2} takesFocus={takesFocus}>
            {words.script}
          </Heading>
          <p aria-live="polite" className="news" data-testid="news">
            {isReadOnly ? words.reloading : news}
          </p>
          <div className="field">
            <label htmlFor="script-name">{words.videoTitle}</label>
            <MarkedText
              id="script-name"
              oneLine
              value={script.title}
              maxLength={300}
              isReadOnly={isReadOnly}
              onChange={(title) => setScript({ ...script, title })}
              {...marksOf(null)}
            />
            <p className="hint">
              <Removed removals={removedFrom(null)} id="removed-title" />
            </p>
            {titleConflicts && (
              <Conflict
                words={words.titleConflict}
                page={preview.script.title}
                onTake={() => {
                  setScript({ ...script, title: preview.script.title });
                  setTitleConflicts(false);
                }}
              />
            )}
          </div>
          {script.sections.map((section, index) => (
            <div key={index} className="section" data-testid="preview-section">
              <MarkedText
                label={words.heading(index + 1)}
                oneLine
                placeholder={words.noHeading}
                value={section.heading}
                isReadOnly={isReadOnly}
                onChange={(heading) => edit(index, { heading })}
                {...marksOf(from[index])}
              />
              <MarkedText
                label={words.text(index + 1)}
                value={section.text}
                isReadOnly={isReadOnly}
                onChange={(text) => edit(index, { text })}
                {...marksOf(from[index])}
              />
              <p className="hint below">
                <span className="time">{words.sectionTime(clock(times[index]?.seconds ?? 0))}</span>
                <Removed removals={removedFrom(from[index])} id={`removed-${from[index]}`} />
              </p>
              {conflicts.includes(index) && (
                <Conflict
                  words={words.conflict}
                  page={wordsOf(preview.script.sections[from[index] ?? -1])}
                  onTake={() => {
                    edit(index, preview.script.sections[from[index] ?? -1] ?? section);
                    setConflicts(conflicts.filter((it) => it !== index));
                  }}
                />
              )}
            </div>
          ))}
        </section>
        <div className="beside">
          <Removals removals={preview.removals} script={preview.script} />
          <Notes leftOut={preview.leftOut} warnings={preview.warnings} />
          <Attachments
            pageId={preview.pageId}
            chosen={files}
            onChange={(chosen) => {
              setFiles(chosen);
              void read(options, keepCode, false, chosen);
            }}
          />
          <Options
            catalogue={catalogue}
            chosen={options}
            onChange={choose}
            pageLanguage={preview.language}
            keepCode={keepCode}
            onKeepCode={(it) => {
              setKeepCode(it);
              void read(options, it);
            }}
          />
        </div>
      </div>
      <div className="send">
        {failed && (
          <FailureMessage
            failure={failed.failure}
            onRetry={reading && (() => readAgain(reading))}
            remedy={
              failed.failure.code === "page_changed"
                ? { label: words.loadNew, onClick: () => void read(options, keepCode, true) }
                : undefined
            }
          />
        )}
        {/* The count changes with each key; only what needs attention is announced. */}
        <div>
          {!empty && <p>{words.size(whole.words, clock(whole.seconds))}</p>}
          <p aria-live="polite">{empty ? words.empty : ""}</p>
        </div>
        <Button
          testId="create-video"
          appearance="primary"
          onClick={send}
          isDisabled={empty || busy === "reading"}
          isLoading={busy === "sending"}
        >
          {messages.createVideo}
        </Button>
      </div>
    </>
  );
}

/** Says below a text what was taken out of it. */
function Removed({ removals, id }: { removals: Removal[]; id: string }) {
  if (removals.length === 0) return null;
  return <span id={id}>{messages.removals.here(removals)}</span>;
}

function wordsOf(section: ScriptSection | undefined): string {
  return section ? [section.heading, section.text].filter(Boolean).join("\n\n") : "";
}

/** Says that the page changed what the person changed, and offers the page's text. */
function Conflict({ words, page, onTake }: { words: string; page: string; onTake: () => void }) {
  return (
    <div className="conflict" role="note" data-testid="conflict">
      <p>{words}</p>
      {page ? (
        <details>
          <summary>{messages.create.pageSays}</summary>
          <p className="page-says">{page}</p>
          <Button spacing="compact" onClick={onTake}>
            {messages.create.takePage}
          </Button>
        </details>
      ) : (
        <p>{messages.create.pageLacks}</p>
      )}
    </div>
  );
}
