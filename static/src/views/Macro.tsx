// The macro in a page: plays its video, or lets the author choose one where Confluence shows the
// macro's configuration.

import Button from "@atlaskit/button/new";
import EmptyState from "@atlaskit/empty-state";
import { view } from "@forge/bridge";
import { useEffect, useState } from "react";
import type { ViewProps } from "../App";
import { messages } from "../messages";
import { FailureMessage } from "../parts/FailureMessage";
import { Heading } from "../parts/Heading";
import { Loading } from "../parts/Loading";
import { VideoList } from "../parts/VideoList";
import { VideoWatch } from "../parts/VideoWatch";
import type { VideoId } from "../protocol";

/**
 * Whether Confluence shows the macro's configuration and not the macro. Only there can a choice be
 * submitted; `isInserting` says nothing about that.
 */
async function isConfiguring(): Promise<boolean> {
  const { extension } = await view.getContext();
  const macro: { isConfiguring?: boolean } | undefined = extension.macro;
  return macro?.isConfiguring === true;
}

export default function Macro({ context }: ViewProps) {
  const [configuring, setConfiguring] = useState<boolean>();
  useEffect(() => {
    isConfiguring().then(setConfiguring, () => setConfiguring(false));
  }, []);
  if (configuring === undefined) return <Loading />;
  if (configuring) return <Picker />;
  if (!context.videoId) {
    return (
      <EmptyState
        testId="empty"
        header={messages.macro.none}
        headingLevel={2}
        headingSize="xsmall"
        description={messages.macro.noneHint}
      />
    );
  }
  // The reader is reading the page: the macro must not take the focus from it.
  return <VideoWatch videoId={context.videoId} takesFocus={false} />;
}

function Picker() {
  const [refused, setRefused] = useState(false);
  const choose = async (videoId: VideoId) => {
    setRefused(false);
    await view.submit({ config: { videoId } }).catch(() => setRefused(true));
  };
  return (
    <div className="picker">
      <Heading>{messages.macro.pick}</Heading>
      <p className="picker-hint">{messages.macro.pickHint}</p>
      {refused && (
        <FailureMessage failure={{ code: "invalid_request", ...messages.macro.cannotSubmit }} />
      )}
      <VideoList
        only="done"
        label={messages.macro.choose}
        empty={messages.list.emptyPicker}
        onChoose={(video) => void choose(video.id)}
      />
      {/* Confluence gives this dialog no way out of its own. */}
      <div className="buttons">
        <Button onClick={() => void view.close().catch(() => undefined)}>
          {messages.macro.cancel}
        </Button>
      </div>
    </div>
  );
}
