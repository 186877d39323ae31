import ProgressBar from "@atlaskit/progress-bar";
import { useRef } from "react";
import { clock } from "../format";
import { messages } from "../messages";
import type { Stage, Video } from "../protocol";

const STAGES: Stage[] = ["waiting", "storyboard", "narration", "drawing", "storing"];
/** Percent that must have been seen before a remaining time is more than a guess. */
const SEEN_PERCENT = 5;

/** How far a video is. The stage is announced when it changes; the rest is only shown. */
export function Progress({ video, hiccup }: { video: Video; hiccup: boolean }) {
  const words = messages.progress;
  const left = useRemaining(video);
  const at = STAGES.indexOf(video.stage);
  return (
    <div className="progress" data-testid="progress">
      <ProgressBar value={video.percent / 100} ariaLabel={words.label(video.percent)} />
      <div className="progress-words">
        <span aria-live="polite">{hiccup ? words.unreachable : words.stages[video.stage]}</span>
        {left !== undefined && <span className="percent">{words.left(clock(left))}</span>}
        <span className="percent">{words.percent(video.percent)}</span>
      </div>
      <ol className="stages" aria-label={words.stageList}>
        {STAGES.map((stage, index) => (
          <li key={stage} aria-current={index === at ? "step" : undefined}>
            <span aria-hidden="true">{index < at ? "✓" : index === at ? "●" : "○"}</span>{" "}
            {words.shortStages[stage]}
            {index < at && <span className="unseen"> {words.stageDone}</span>}
          </li>
        ))}
      </ol>
      <p className="hint">{words.goesOn}</p>
    </div>
  );
}

/** Seconds left at the pace seen so far, or undefined where too little was seen. */
function useRemaining({ id, percent }: Video): number | undefined {
  const start = useRef<{ id: string; percent: number; at: number }>();
  const now = performance.now();
  if (start.current?.id !== id) start.current = { id, percent, at: now };
  const seen = percent - start.current.percent;
  if (seen < SEEN_PERCENT || percent >= 100) return undefined;
  return Math.ceil(((now - start.current.at) / 1000 / seen) * (100 - percent));
}
