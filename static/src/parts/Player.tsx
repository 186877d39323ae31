// Plays a finished video. Its addresses are signed and end; new ones are asked for before they do, and
// the picture goes on where it was.

import { type CSSProperties, useCallback, useEffect, useRef, useState } from "react";
import { clock } from "../format";
import { messages } from "../messages";
import { nextSpeed, type PlayerActions, pressed } from "../player-keys";
import type { Media, Orientation, Video } from "../protocol";
import { Controls, type Playing } from "./Controls";
import { Download } from "./Download";
import { FailureMessage } from "./FailureMessage";
import { type Line, linesOf, Transcript } from "./Transcript";

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
  const frame = useRef<HTMLDivElement>(null);
  const track = useRef<HTMLTrackElement>(null);
  const resume = useRef<{ time: number; playing: boolean }>();
  const loaded = useRef(false);
  const [broken, setBroken] = useState(false);
  const [lines, setLines] = useState<Line[]>([]);
  const [said, setSaid] = useState("");
  const [playing, setPlaying] = useState<Playing>({
    paused: true,
    seconds: 0,
    length: (video.durationMs ?? 0) / 1000,
    volume: 1,
    muted: false,
    captions: true,
    speed: 1,
  });
  const change = useCallback(
    (part: Partial<Playing>) => setPlaying((before) => ({ ...before, ...part })),
    [],
  );

  const renew = useCallback(() => {
    const player = element.current;
    // Of addresses that failed before they played, the place is the one that was to be gone on from.
    if (player && !resume.current) {
      resume.current = { time: player.currentTime, playing: !player.paused };
    }
    onRenew();
  }, [onRenew]);

  useEffect(() => {
    const left = Date.parse(media.expiresAt) - Date.now() - RENEW_BEFORE_MS;
    const wait = Math.min(Math.max(left, SOONEST_RENEWAL_MS), LONGEST_TIMER_MS);
    const timer = setTimeout(renew, wait);
    return () => clearTimeout(timer);
  }, [media.expiresAt, renew]);

  // React hears no `load` of a track, which does not bubble.
  useEffect(() => {
    const captions = track.current;
    const read = () => setLines(linesOf(captions?.track));
    captions?.addEventListener("load", read);
    return () => captions?.removeEventListener("load", read);
  }, []);

  // A machine that slept wakes with addresses that have ended, and a connection may break. Renewed once
  // without a question; a second failure before anything was loaded is the person's to decide.
  const fail = () => {
    if (loaded.current) {
      loaded.current = false;
      renew();
    } else {
      setBroken(true);
    }
  };
  const goOn = () => {
    loaded.current = true;
    const player = element.current;
    if (!player) return;
    if (Number.isFinite(player.duration)) change({ length: player.duration });
    // New addresses begin at the usual speed.
    player.playbackRate = playing.speed;
    if (!resume.current) return;
    player.currentTime = resume.current.time;
    if (resume.current.playing) void player.play().catch(() => undefined);
    resume.current = undefined;
  };

  const seekTo = (seconds: number) => {
    const player = element.current;
    if (!player) return;
    const place = Math.min(Math.max(seconds, 0), playing.length);
    player.currentTime = place;
    change({ seconds: place });
  };
  const playFrom = (seconds: number) => {
    seekTo(seconds);
    // The list may be longer than the frame: who chooses a chapter wants to see it.
    frame.current?.scrollIntoView?.({ block: "nearest" });
    void element.current?.play().catch(() => undefined);
  };
  const setVolume = (volume: number) => {
    const player = element.current;
    if (!player) return;
    player.volume = Math.min(Math.max(Math.round(volume * 20) / 20, 0), 1);
    player.muted = player.volume === 0;
  };
  const setSpeed = (speed: number) => {
    if (element.current) element.current.playbackRate = speed;
    change({ speed });
    setSaid(messages.player.speedIs(speed));
  };
  const actions: PlayerActions = {
    toggle() {
      const player = element.current;
      if (!player) return;
      if (player.paused) void player.play().catch(() => undefined);
      else player.pause();
    },
    skip: (by) => seekTo((element.current?.currentTime ?? 0) + by),
    seekTo,
    louder: (by) => setVolume((element.current?.volume ?? 1) + by),
    mute() {
      const player = element.current;
      if (!player) return;
      player.muted = !player.muted;
      setSaid(player.muted ? messages.player.muted : messages.player.unmuted);
    },
    captions() {
      const captions = !playing.captions;
      // Hidden and not disabled, so that the transcript keeps its lines.
      if (track.current?.track) track.current.track.mode = captions ? "showing" : "hidden";
      change({ captions });
      setSaid(captions ? messages.player.captionsOn : messages.player.captionsOff);
    },
    fullscreen() {
      if (document.fullscreenElement) void document.exitFullscreen();
      else void frame.current?.requestFullscreen?.().catch(() => undefined);
    },
    picture() {
      if (document.pictureInPictureElement) void document.exitPictureInPicture();
      else void element.current?.requestPictureInPicture?.().catch(() => undefined);
    },
    faster: (steps) => setSpeed(nextSpeed(playing.speed, steps)),
  };
  const chapter = media.chapters.findLastIndex(
    ({ startMs }) => startMs / 1000 <= playing.seconds + 0.01,
  );

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
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the controls in it. */}
      <div
        ref={frame}
        className="frame"
        style={{ "--ratio": RATIO[video.options.orientation] } as CSSProperties}
        onKeyDown={(event) => pressed(event, actions)}
      >
        {/* The focus is of the picture as well, where people click before they press a key. */}
        <video
          ref={element}
          data-testid="player"
          tabIndex={0}
          crossOrigin="anonymous"
          preload="metadata"
          playsInline
          poster={media.posterUrl}
          src={media.videoUrl}
          aria-label={messages.player.video(video.title)}
          onClick={actions.toggle}
          onLoadedMetadata={goOn}
          onTimeUpdate={(event) => change({ seconds: event.currentTarget.currentTime })}
          onPlay={() => change({ paused: false })}
          onPause={() => change({ paused: true })}
          onVolumeChange={({ currentTarget: { volume, muted } }) => change({ volume, muted })}
          onError={fail}
        >
          <track
            ref={track}
            default
            kind="captions"
            label={messages.player.captions}
            src={media.captionsUrl}
            srcLang={video.options.language}
          />
        </video>
        <Controls playing={playing} actions={actions} onVolume={setVolume} onSpeed={setSpeed} />
        <span className="unseen" aria-live="polite">
          {said}
        </span>
      </div>
      {media.chapters.length > 0 && (
        <nav aria-labelledby="chapters-title" className="chapters">
          <h2 id="chapters-title">{messages.player.chapters}</h2>
          <ol>
            {media.chapters.map(({ startMs, title }, index) => (
              <li key={startMs}>
                <button
                  type="button"
                  aria-current={index === chapter ? "true" : undefined}
                  onClick={() => playFrom(startMs / 1000)}
                >
                  <span className="time">{clock(startMs / 1000)}</span> <span>{title}</span>
                </button>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <Transcript lines={lines} seconds={playing.seconds} onSeek={playFrom} />
      {video.engine && <p data-testid="made-by">{messages.player.madeBy(video.engine)}</p>}
      <Download url={media.videoUrl} title={video.title} />
    </div>
  );
}
