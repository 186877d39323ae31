// The first two steps to a video: the text that will leave, and look and sound. Both keep what the
// person did, whichever of them is on the screen and whatever becomes of the video.

import Button from "@atlaskit/button/new";
import { useRef, useState } from "react";
import { call } from "../client";
import { clock } from "../format";
import { lastOptions, rememberOptions } from "../last-time";
import { messages } from "../messages";
import type {
  AttachmentId,
  Context,
  CreateVideo,
  Failure,
  PageId,
  Preview,
  PreviewAnswer,
  ScriptSection,
  VideoId,
  VideoOptions,
} from "../protocol";
import { isEmpty, keepLeftOut, outline, tidy, told, total } from "../script";
import { Attachments } from "./Attachments";
import { FailureMessage } from "./FailureMessage";
import { Heading } from "./Heading";
import { Notes } from "./Notes";
import { defaultOptions, Options } from "./Options";
import { Removals } from "./Removals";
import { ScriptEditor } from "./ScriptEditor";
import { type Step, Steps } from "./Steps";

/** The request of a preview; what is usual is left out. */
export function previewOf(
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

export function Editor({
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
  const [step, setStep] = useState<Step>("text");
  const [wasLeft, setWasLeft] = useState(false);
  const [preview, setPreview] = useState(first);
  const [script, setScript] = useState(first.script);
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set());
  const [conflicts, setConflicts] = useState<number[]>([]);
  const [titleConflicts, setTitleConflicts] = useState(false);
  const [options, setOptions] = useState(() => defaultOptions(catalogue, first.language));
  const [last] = useState(() => lastOptions(catalogue));
  const [keepCode, setKeepCode] = useState(false);
  // What is ticked, and what the script on the screen was made with.
  const [files, setFiles] = useState<AttachmentId[]>([]);
  const [toldFiles, setToldFiles] = useState<AttachmentId[]>([]);
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
  const chosenScript = told(script, leftOut);
  const empty = isEmpty(chosenScript);

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
    const isLost = isEmpty(script);
    const edits = untouched || isLost ? undefined : { base: preview.script, edited: tidy(script) };
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
      setFiles(toldFiles);
      return;
    }
    setToldFiles(attachmentIds);
    const { merged } = answer.ok;
    const now = merged?.script ?? answer.ok.script;
    setPreview(answer.ok);
    setScript(now);
    setLeftOut(keepLeftOut(leftOut, script, now));
    setConflicts(merged?.conflicts ?? []);
    setTitleConflicts(merged?.titleConflicts ?? false);
    const count = (merged?.conflicts.length ?? 0) + (merged?.titleConflicts ? 1 : 0);
    if (isNew || count > 0) setNews(words.loadedNew(count));
    // What both changed is to be seen.
    if (count > 0) setStep("text");
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
      script: tidy(chosenScript),
      options,
      ...(toldFiles.length > 0 && { attachmentIds: toldFiles }),
    } satisfies Omit<CreateVideo, "requestId">;
    const text = JSON.stringify(request);
    if (wish.current.text !== text) wish.current = { text, id: crypto.randomUUID() };
    setBusy("sending");
    setNews("");
    setFailed(undefined);
    const answer = await call("createVideo", { ...request, requestId: wish.current.id });
    // The page may be read by now, for another choice made meanwhile.
    setBusy((now) => (now === "sending" ? undefined : now));
    if ("ok" in answer) {
      rememberOptions(options);
      // Should it be made again from here, that is another wish.
      wish.current = { text: "", id: "" };
      onCreated(answer.ok.id);
    } else setFailed({ failure: answer.error });
  };
  const go = (to: Step) => {
    setWasLeft(true);
    setStep(to);
  };

  const isWhole = untouched && leftOut.size === 0;
  const times = isWhole ? preview.sections : outline(script, leftOut);
  const whole = total(times);
  const isReadOnly = busy === "reading";
  const reading = failed?.reading;
  const { usage } = context.site;

  return (
    <>
      <Steps now={step} onGo={go} />
      {step === "text" && (
        <p>{context.selection === null ? words.fromPage : words.fromSelection}</p>
      )}
      <p aria-live="polite" className="news" data-testid="news">
        {isReadOnly ? words.reloading : news}
      </p>
      {step === "text" ? (
        <div className="create">
          <section className="script" aria-labelledby="script-title" aria-busy={isReadOnly}>
            <Heading id="script-title" level={2} takesFocus={takesFocus || wasLeft}>
              {words.script}
            </Heading>
            <ScriptEditor
              preview={preview}
              script={script}
              times={times}
              leftOut={leftOut}
              conflicts={conflicts}
              titleConflicts={titleConflicts}
              isReadOnly={isReadOnly}
              onTitle={(title) => setScript({ ...script, title })}
              onSection={edit}
              onLeaveOut={(index, isLeftOut) => {
                const next = new Set(leftOut);
                if (isLeftOut) next.add(index);
                else next.delete(index);
                setLeftOut(next);
              }}
              onSolved={(section) => {
                if (section === "title") setTitleConflicts(false);
                else setConflicts(conflicts.filter((it) => it !== section));
              }}
            />
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
            <KeepCode
              isKept={keepCode}
              onChange={(it) => {
                setKeepCode(it);
                void read(options, it);
              }}
            />
          </div>
        </div>
      ) : (
        <Options
          catalogue={catalogue}
          chosen={options}
          onChange={choose}
          pageLanguage={preview.language}
          last={last && JSON.stringify(last) !== JSON.stringify(options) ? last : undefined}
        />
      )}
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
          {!empty && (
            <>
              <p>{words.size(whole.words, clock(whole.seconds))}</p>
              <p className="hint">{words.cost(usage.videos, clock(usage.seconds))}</p>
            </>
          )}
          <p aria-live="polite">{empty ? words.empty : ""}</p>
        </div>
        <div className="buttons">
          {step === "text" ? (
            <Button onClick={() => go("look")}>{words.next}</Button>
          ) : (
            <Button onClick={() => go("text")}>{words.previous}</Button>
          )}
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
      </div>
    </>
  );
}

function KeepCode({ isKept, onChange }: { isKept: boolean; onChange: (isKept: boolean) => void }) {
  const words = messages.options;
  return (
    <div className="field check">
      <input
        type="checkbox"
        id="option-code"
        checked={isKept}
        aria-describedby="option-code-hint"
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor="option-code">{words.keepCode}</label>
      <p id="option-code-hint" className="hint">
        {words.keepCodeHint}
      </p>
    </div>
  );
}
