// What is said, to be read and to jump by. The browser has read the captions already; they are taken
// from there.

import { clock } from "../format";
import { messages } from "../messages";

export interface Line {
  /** In seconds. */
  start: number;
  text: string;
}

/** The lines of a track that has been loaded. */
export function linesOf(track: TextTrack | null | undefined): Line[] {
  return [...(track?.cues ?? [])].map((cue) => {
    const { text, getCueAsHTML }: Partial<VTTCue> = cue;
    // As HTML, so that a character reference is the character.
    const plain = getCueAsHTML?.call(cue as VTTCue).textContent ?? text ?? "";
    return { start: cue.startTime, text: plain.replace(/\s+/g, " ").trim() };
  });
}

export function Transcript({
  lines,
  seconds,
  onSeek,
}: {
  lines: Line[];
  seconds: number;
  onSeek: (seconds: number) => void;
}) {
  if (lines.length === 0) return null;
  const current = lines.findLastIndex(({ start }) => start <= seconds + 0.01);
  return (
    <details className="transcript" data-testid="transcript">
      <summary>{messages.player.transcript}</summary>
      <ol>
        {lines.map(({ start, text }, index) => (
          <li key={start}>
            <button
              type="button"
              aria-current={index === current ? "true" : undefined}
              onClick={() => onSeek(start)}
            >
              <span className="time">{clock(start)}</span>
              <span>{text}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
