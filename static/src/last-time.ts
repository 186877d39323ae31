// What this browser remembers of the last video: the choices, and which one is being made for a page.
// No text, nobody's name. Where a browser keeps nothing for frames, nothing is remembered.

import type { OptionCatalogue, PageId, VideoId, VideoOptions } from "./protocol";

const OPTIONS = "golpo.options";
const MAKING = "golpo.making";
/** A video that takes longer was given up. */
const MAKING_MS = 2 * 60 * 60 * 1000;

interface Making {
  pageId: PageId;
  videoId: VideoId;
  since: number;
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key: string, value: unknown) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Then there is no "same as last time".
  }
}

/** The last choices, where the engine still offers each of them. */
export function lastOptions(catalogue: OptionCatalogue): VideoOptions | undefined {
  const last = read(OPTIONS) as Partial<VideoOptions> | null;
  if (!last) return undefined;
  const has = <T>(values: T[], value: T | undefined) =>
    value !== undefined && (values.length === 0 || values.includes(value));
  const { style, voice, language, length, music, orientation } = last;
  const isOffered =
    has(catalogue.styles, style) &&
    has(catalogue.voices, voice) &&
    has(catalogue.languages, language) &&
    has(catalogue.lengths, length) &&
    has(catalogue.music, music) &&
    has(catalogue.orientations, orientation);
  return isOffered ? (last as VideoOptions) : undefined;
}

export function rememberOptions(options: VideoOptions) {
  write(OPTIONS, options);
}

/** The video that is being made of a page, so that a window that was closed finds it again. */
export function makingOf(pageId: PageId, now: number): VideoId | undefined {
  const making = read(MAKING) as Partial<Making> | null;
  const isOfPage = making?.pageId === pageId && now - (making.since ?? 0) < MAKING_MS;
  return isOfPage ? making.videoId : undefined;
}

export function rememberMaking(pageId: PageId, videoId: VideoId, since: number) {
  write(MAKING, { pageId, videoId, since } satisfies Making);
}

export function forgetMaking() {
  write(MAKING, null);
}
