import ProgressBar from "@atlaskit/progress-bar";
import { messages } from "../messages";
import type { Video } from "../protocol";

/** How far a video is. The stage is announced when it changes, the percentage is only shown. */
export function Progress({ video, hiccup }: { video: Video; hiccup: boolean }) {
  return (
    <div className="progress" data-testid="progress">
      <ProgressBar value={video.percent / 100} ariaLabel={messages.progress.label(video.percent)} />
      <div className="progress-words">
        <span aria-live="polite">
          {hiccup ? messages.progress.unreachable : messages.progress.stages[video.stage]}
        </span>
        <span className="percent">{messages.progress.percent(video.percent)}</span>
      </div>
      <p className="hint">{messages.progress.goesOn}</p>
    </div>
  );
}
