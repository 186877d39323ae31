// Plays a finished video. Its addresses are signed and end; new ones are asked for before they do, and
// the picture goes on where it was.

import { type CSSProperties, useCallback, useEffect, useRef, useState } from "react";
import { clock } from "../format";
import { messages } from "../messages";
import type { Media, Orientation, Video } from "../protocol";
import { Download } from "./Download";
import { FailureMessage } from "./FailureMessage";

/** How long before their end the addresses are renewed. */
const RENEW_BEFORE_MS = 60_000;
const SOONEST_RENEWAL_MS = 5_000;
/** The longest wait that setTimeout can take. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** Width by height, known before the video is, so that nothing jumps. */
const RATIO: Record<Orientation, number> = { landscape: 16 / 9, square: 1, portrait: 9 / 16 };

export function Player({
  video,
  media,
  onRenew,
}: {
  video: Video;
  media: Media;
  onRenew: () => void;
}) {
  const element = useRef<HTMLVideoElement>(null);
  const resume = useRef<{ time: number; playing: boolean }>();
  const [seconds, setSeconds] = useState(0);
  const loaded = useRef(false);
  const [broken, setBroken] = useState(false);

  const renew = useCallback(() => {
    const player = element.current;
    if (player) resume.current = { time: player.currentTime, playing: !player.paused };
    onRenew();
  }, [onRenew]);

  useEffect(() => {
    const left = Date.parse(media.expiresAt) - Date.now() - RENEW_BEFORE_MS;
    const wait = Math.min(Math.max(left, SOONEST_RENEWAL_MS), LONGEST_TIMER_MS);
    const timer = setTimeout(renew, wait);
    return () => clearTimeout(timer);
  }, [media.expiresAt, renew]);

  // A machine that slept wakes with addresses that have ended. Renewed once without a question; a second
  // failure before anything was loaded is the person's to decide.
  const fail = () => {
    const ended = Date.parse(media.expiresAt) <= Date.now();
    if (ended && loaded.current) {
      loaded.current = false;
      renew();
    } else {
      setBroken(true);
    }
  };
  const goOn = () => {
    loaded.current = true;
    const player = element.current;
    if (!player || !resume.current) return;
    player.currentTime = resume.current.time;
    if (resume.current.playing) void player.play().catch(() => undefined);
    resume.current = undefined;
  };
  const seek = (startMs: number) => {
    const player = element.current;
    if (!player) return;
    player.currentTime = startMs / 1000;
    // The list may be longer than the frame: who chooses a chapter wants to see it.
    player.scrollIntoView?.({ block: "nearest" });
    setSeconds(startMs / 1000);
    void player.play().catch(() => undefined);
  };
  const playing = media.chapters.findLastIndex(({ startMs }) => startMs / 1000 <= seconds + 0.01);

  return (
    <div className="player">
      {broken && (
        <FailureMessage
          failure={{ code: "media_link_expired", ...messages.player.broken }}
          onRetry={() => {
            setBroken(false);
            renew();
            // The addresses may come back unchanged, and then nothing else would load them again.
            element.current?.load();
          }}
        />
      )}
      <video
        ref={element}
        data-testid="player"
        style={{ "--ratio": RATIO[video.options.orientation] } as CSSProperties}
        controls
        crossOrigin="anonymous"
        preload="metadata"
        poster={media.posterUrl}
        src={media.videoUrl}
        aria-label={messages.player.video(video.title)}
        onLoadedMetadata={goOn}
        onTimeUpdate={(event) => setSeconds(event.currentTarget.currentTime)}
        onError={fail}
      >
        <track
          default
          kind="captions"
          label={messages.player.captions}
          src={media.captionsUrl}
          srcLang={video.options.language}
        />
      </video>
      {media.chapters.length > 0 && (
        <nav aria-labelledby="chapters-title" className="chapters">
          <h2 id="chapters-title">{messages.player.chapters}</h2>
          <ol>
            {media.chapters.map((chapter, index) => (
              <li key={chapter.startMs}>
                <button
                  type="button"
                  aria-current={index === playing ? "true" : undefined}
                  aria-label={messages.player.seek(chapter.title, clock(chapter.startMs / 1000))}
                  onClick={() => seek(chapter.startMs)}
                >
                  <span className="time">{clock(chapter.startMs / 1000)}</span>
                  <span>{chapter.title}</span>
                </button>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <Download url={media.videoUrl} title={video.title} />
    </div>
  );
}
