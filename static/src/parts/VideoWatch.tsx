// One video, whatever state it is in: its progress, its player, or why it failed.

import { messages } from "../messages";
import type { VideoId } from "../protocol";
import { useVideo } from "../use-video";
import { FailureMessage } from "./FailureMessage";
import { Heading } from "./Heading";
import { Loading } from "./Loading";
import SectionMessage from "./Message";
import { Player } from "./Player";
import { Progress } from "./Progress";

export function VideoWatch({
  videoId,
  takesFocus = true,
}: {
  videoId: VideoId;
  takesFocus?: boolean;
}) {
  const { status, hiccup, failure, refresh } = useVideo(videoId);
  if (!status) {
    return failure ? <FailureMessage failure={failure} onRetry={refresh} /> : <Loading />;
  }
  const { video, media, outOfDate } = status;
  const heading = (text: string) => (
    <Heading level={2} takesFocus={takesFocus}>
      {text}
    </Heading>
  );
  const trouble = failure && <FailureMessage failure={failure} onRetry={refresh} />;
  if (video.state === "failed") {
    return (
      <>
        {heading(video.title)}
        {video.failure && (
          <FailureMessage failure={video.failure} title={messages.progress.failed} />
        )}
      </>
    );
  }
  if (video.state === "done" && media) {
    return (
      <>
        {heading(video.title)}
        {outOfDate && (
          <SectionMessage appearance="warning">
            <p>{messages.player.outOfDate}</p>
          </SectionMessage>
        )}
        {trouble}
        <Player video={video} media={media} onRenew={refresh} />
      </>
    );
  }
  return (
    <>
      {heading(messages.progress.title)}
      <p>{video.title}</p>
      {trouble}
      {/* What it waits for, where that is more than its turn. */}
      {video.failure && <FailureMessage failure={video.failure} />}
      <Progress video={video} hiccup={hiccup} />
    </>
  );
}
