// The player's buttons. Elements that the browser knows, so that keyboard and screen reader work
// without any help of ours.

import type { ReactNode } from "react";
import { clock } from "../format";
import { messages } from "../messages";
import { type PlayerActions, SPEEDS } from "../player-keys";

export interface Playing {
  paused: boolean;
  /** Where it is, in seconds. */
  seconds: number;
  /** How long it is, in seconds. */
  length: number;
  /** 0 to 1. */
  volume: number;
  muted: boolean;
  captions: boolean;
  speed: number;
}

// Of 24 by 24.
const ICONS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  sound: "M3 9v6h4l5 5V4L7 9zM15 8a5 5 0 0 1 0 8zM15 4a9 9 0 0 1 0 16v-2a7 7 0 0 0 0-12z",
  silence: "M3 9v6h4l5 5V4L7 9zM15 10l2-2 2 2 2-2 2 2-2 2 2 2-2 2-2-2-2 2-2-2 2-2z",
  captions: "M3 5h18v14H3zM5 7v10h14V7zM7 10h4v1.5H8.5v1H11V14H7zM13 10h4v1.5h-2.5v1H17V14h-4z",
  picture: "M3 5h18v14H3zM5 7v10h14V7zM12 11h6v5h-6z",
  full: "M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z",
};

function Icon({ of }: { of: keyof typeof ICONS }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={ICONS[of]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}

function Control({
  label,
  keys,
  isOn,
  onClick,
  children,
}: {
  label: string;
  keys: string;
  isOn?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className="control"
      aria-label={label}
      aria-pressed={isOn}
      aria-keyshortcuts={keys}
      title={`${label} (${keys})`}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

export function Controls({
  playing,
  actions,
  onVolume,
  onSpeed,
}: {
  playing: Playing;
  actions: PlayerActions;
  onVolume: (volume: number) => void;
  onSpeed: (speed: number) => void;
}) {
  const words = messages.player;
  const { paused, seconds, length, volume, muted } = playing;
  const place = `${clock(seconds)} / ${clock(length)}`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would have to be named in sight.
    <div className="controls" role="group" aria-label={words.controls}>
      <input
        type="range"
        className="seek"
        aria-label={words.position}
        aria-valuetext={words.place(clock(seconds), clock(length))}
        min={0}
        max={Math.max(length, 0.1)}
        step="any"
        value={Math.min(seconds, length)}
        onChange={(event) => actions.seekTo(Number(event.target.value))}
        onKeyDown={(event) => {
          // A browser's step for `any` is a hundredth of the whole, which may be many seconds.
          const by = { ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          actions.skip(by);
        }}
      />
      <Control label={paused ? words.play : words.pause} keys="K" onClick={actions.toggle}>
        <Icon of={paused ? "play" : "pause"} />
      </Control>
      <Control label={muted ? words.unmute : words.mute} keys="M" onClick={actions.mute}>
        <Icon of={muted ? "silence" : "sound"} />
      </Control>
      <input
        type="range"
        className="volume"
        aria-label={words.volume}
        min={0}
        max={1}
        step={0.05}
        value={muted ? 0 : volume}
        onChange={(event) => onVolume(Number(event.target.value))}
      />
      <span className="time" data-testid="player-time">
        {place}
      </span>
      <span className="rest">
        <select
          aria-label={words.speed}
          aria-keyshortcuts="< >"
          value={playing.speed}
          onChange={(event) => onSpeed(Number(event.target.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {words.times(speed)}
            </option>
          ))}
        </select>
        <Control label={words.captions} keys="C" isOn={playing.captions} onClick={actions.captions}>
          <Icon of="captions" />
        </Control>
        {document.pictureInPictureEnabled && (
          <Control label={words.picture} keys="P" onClick={actions.picture}>
            <Icon of="picture" />
          </Control>
        )}
        {document.fullscreenEnabled && (
          <Control label={words.fullscreen} keys="F" onClick={actions.fullscreen}>
            <Icon of="full" />
          </Control>
        )}
      </span>
    </div>
  );
}
