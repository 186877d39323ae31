import Button from "@atlaskit/button/new";
import { type ReactNode, useState } from "react";
import { messages } from "../messages";
import type { PageId, VideoId } from "../protocol";
import { VideoList } from "./VideoList";
import { VideoWatch } from "./VideoWatch";

/** A list of videos; the chosen one takes its place, with a way back. */
export function ListAndPlayer({
  pageId,
  empty,
  action,
}: {
  pageId?: PageId | undefined;
  empty: string;
  action?: ReactNode;
}) {
  const [videoId, setVideoId] = useState<VideoId>();
  const [left, setLeft] = useState<VideoId>();
  const back = () => {
    setLeft(videoId);
    setVideoId(undefined);
  };
  if (videoId) {
    return (
      <>
        <Button appearance="subtle" onClick={back}>
          {messages.back}
        </Button>
        <VideoWatch videoId={videoId} />
      </>
    );
  }
  return (
    <VideoList
      pageId={pageId}
      label={messages.list.open}
      empty={empty}
      action={action}
      focusOn={left}
      onChoose={(video) => setVideoId(video.id)}
    />
  );
}
