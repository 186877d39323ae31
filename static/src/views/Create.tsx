// From a page to a video in three steps: the text that will leave, look and sound, and the making.

import Button from "@atlaskit/button/new";
import { useState } from "react";
import type { CreateProps } from "../App";
import { call } from "../client";
import { forgetMaking, makingOf, rememberMaking } from "../last-time";
import { messages } from "../messages";
import { Editor, previewOf } from "../parts/Editor";
import { FailureMessage } from "../parts/FailureMessage";
import { Loading } from "../parts/Loading";
import SectionMessage from "../parts/Message";
import { defaultOptions } from "../parts/Options";
import { Steps } from "../parts/Steps";
import { VideoWatch } from "../parts/VideoWatch";
import type { Context, PageId, VideoId } from "../protocol";
import { useAnswer } from "../use-answer";

export default function Create({ context }: CreateProps) {
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
      isAnother={round > 0}
      onAnother={() => setRound(round + 1)}
    />
  );
}

function FromPage({
  context,
  pageId,
  isAnother,
  onAnother,
}: {
  context: Context;
  pageId: PageId;
  isAnother: boolean;
  onAnother: () => void;
}) {
  const words = messages.create;
  const [videoId, setVideoId] = useState<VideoId>();
  const [isBack, setIsBack] = useState(false);
  // A window that was closed on a video finds it again.
  const [making, setMaking] = useState(() =>
    isAnother ? undefined : makingOf(pageId, Date.now()),
  );
  const wish = { length: defaultOptions(context.site.engine.options, null).length };
  const { loaded, reload } = useAnswer(
    () => call("preview", previewOf(context, pageId, wish)),
    pageId,
  );
  if (loaded.state === "loading") return <Loading text={words.loading} />;
  if (loaded.state === "failed") {
    return <FailureMessage failure={loaded.failure} onRetry={reload} />;
  }
  return (
    <>
      {videoId && (
        <>
          <Steps now="make" />
          <VideoWatch videoId={videoId} />
          <div className="buttons">
            <Button
              onClick={() => {
                setVideoId(undefined);
                setIsBack(true);
              }}
            >
              {words.backToText}
            </Button>
            <Button onClick={onAnother}>{words.another}</Button>
          </div>
        </>
      )}
      {!videoId && making && (
        <div className="making">
          <SectionMessage title={words.making}>
            <p>{words.makingHint}</p>
          </SectionMessage>
          <div className="buttons">
            <Button onClick={() => setVideoId(making)}>{words.showMaking}</Button>
            <Button
              appearance="subtle"
              onClick={() => {
                forgetMaking();
                setMaking(undefined);
              }}
            >
              {words.hideMaking}
            </Button>
          </div>
        </div>
      )}
      {/* Stays while its video is made: whoever comes back finds what they wrote. */}
      <div hidden={videoId !== undefined}>
        <Editor
          context={context}
          first={loaded.value}
          takesFocus={isAnother || isBack}
          onCreated={(id) => {
            rememberMaking(pageId, id, Date.now());
            setMaking(undefined);
            setVideoId(id);
          }}
        />
      </div>
    </>
  );
}
