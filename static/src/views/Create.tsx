// From a page to a video: see and edit what will leave, choose, send, watch.

import Button from "@atlaskit/button/new";
import SectionMessage from "@atlaskit/section-message";
import { useRef, useState } from "react";
import type { ViewProps } from "../App";
import { call } from "../client";
import { clock } from "../format";
import { messages } from "../messages";
import { FailureMessage } from "../parts/FailureMessage";
import { Heading } from "../parts/Heading";
import { Loading } from "../parts/Loading";
import { MarkedText } from "../parts/MarkedText";
import { defaultOptions, Options } from "../parts/Options";
import { Removals } from "../parts/Removals";
import { VideoWatch } from "../parts/VideoWatch";
import type {
  Context,
  CreateVideo,
  Failure,
  PageId,
  PreviewAnswer,
  Removal,
  ScriptSection,
  VideoId,
} from "../protocol";
import { countWords, estimateSeconds, isEmpty, tidy } from "../script";
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
  const { selection } = context;
  const { loaded, reload } = useAnswer(
    () => call("preview", { pageId, ...(selection !== null && { selection }) }),
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
    <Editor
      context={context}
      preview={loaded.value}
      takesFocus={takesFocus}
      onCreated={setVideoId}
    />
  );
}

function Editor({
  context,
  preview,
  takesFocus,
  onCreated,
}: {
  context: Context;
  preview: PreviewAnswer;
  takesFocus: boolean;
  onCreated: (videoId: VideoId) => void;
}) {
  const words = messages.create;
  const catalogue = context.site.engine.options;
  const [script, setScript] = useState(preview.script);
  const [options, setOptions] = useState(() => defaultOptions(catalogue));
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  // The same wish sent again carries the same id, so that a lost answer makes no second video.
  const wish = useRef({ text: "", id: "" });

  const edit = (index: number, change: Partial<ScriptSection>) =>
    setScript({
      ...script,
      sections: script.sections.map((it, at) => (at === index ? { ...it, ...change } : it)),
    });
  const send = async () => {
    if (busy) return;
    const request = {
      pageId: preview.pageId,
      pageVersion: preview.pageVersion,
      script: tidy(script),
      options,
    } satisfies Omit<CreateVideo, "requestId">;
    const text = JSON.stringify(request);
    if (wish.current.text !== text) wish.current = { text, id: crypto.randomUUID() };
    setBusy(true);
    setFailure(undefined);
    const answer = await call("createVideo", { ...request, requestId: wish.current.id });
    setBusy(false);
    if ("ok" in answer) onCreated(answer.ok.id);
    else setFailure(answer.error);
  };

  const removedFrom = (section: number | null) =>
    preview.removals.filter((removal) => removal.section === section);
  // Where nobody was taken out, the same words are the page's own.
  const marksOf = (section: number | null) =>
    removedFrom(section).length > 0
      ? {
          phrases: preview.neutralPhrases,
          "aria-describedby": `removed-${section ?? "title"}`,
        }
      : { phrases: [] };

  const untouched = script === preview.script;
  const count = untouched ? preview.words : countWords(script);
  const seconds = untouched ? preview.estimatedSeconds : estimateSeconds(count);
  const empty = isEmpty(script);
  return (
    <>
      <p>{context.selection === null ? words.fromPage : words.fromSelection}</p>
      <div className="create">
        <section className="script" aria-labelledby="script-title">
          <Heading id="script-title" level={2} takesFocus={takesFocus}>
            {words.script}
          </Heading>
          <div className="field">
            <label htmlFor="script-name">{words.videoTitle}</label>
            <MarkedText
              id="script-name"
              oneLine
              value={script.title}
              maxLength={300}
              onChange={(title) => setScript({ ...script, title })}
              {...marksOf(null)}
            />
            <Removed removals={removedFrom(null)} id="removed-title" />
          </div>
          {script.sections.map((section, index) => (
            <div key={index} className="section" data-testid="preview-section">
              <MarkedText
                label={words.heading(index + 1)}
                oneLine
                placeholder={words.noHeading}
                value={section.heading}
                onChange={(heading) => edit(index, { heading })}
                {...marksOf(index)}
              />
              <MarkedText
                label={words.text(index + 1)}
                value={section.text}
                onChange={(text) => edit(index, { text })}
                {...marksOf(index)}
              />
              <Removed removals={removedFrom(index)} id={`removed-${index}`} />
            </div>
          ))}
        </section>
        <div className="beside">
          <Removals removals={preview.removals} script={preview.script} />
          <Options catalogue={catalogue} chosen={options} onChange={setOptions} />
        </div>
      </div>
      <div className="send">
        {failure && <FailureMessage failure={failure} onRetry={send} />}
        {/* The count changes with each key; only what needs attention is announced. */}
        <div>
          {!empty && <p>{words.size(count, clock(seconds))}</p>}
          <p aria-live="polite">{empty ? words.empty : ""}</p>
        </div>
        <Button
          testId="create-video"
          appearance="primary"
          onClick={send}
          isDisabled={empty}
          isLoading={busy}
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
  return (
    <p className="hint" id={id}>
      {messages.removals.here(removals)}
    </p>
  );
}
