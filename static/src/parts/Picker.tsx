// The macro's configuration in Confluence: the author chooses the video.

import Button from "@atlaskit/button/new";
import { view } from "@forge/bridge";
import { useState } from "react";
import { messages } from "../messages";
import type { VideoId } from "../protocol";
import { FailureMessage } from "./FailureMessage";
import { Heading } from "./Heading";
import { VideoList } from "./VideoList";

export default function Picker() {
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
