import type { Context, Failure, Media, PreviewAnswer, Site, Video } from "../protocol";

export const VIDEO_ID = "0198c0de-0000-7000-8000-000000000001";
export const KEY = "golpo-canary-key-1";

export const site = (change: Partial<Site> = {}): Site => ({
  engine: {
    name: "local",
    requiresApiKey: false,
    options: {
      styles: ["whiteboard", "chalkboard"],
      voices: ["female1"],
      languages: ["en"],
      lengths: ["auto", "minute1"],
      music: ["none"],
      orientations: ["landscape"],
    },
  },
  apiKey: { present: false, fingerprint: null, savedAt: null },
  usage: { month: "2026-11", videos: 3, seconds: 125 },
  ...change,
});

export const context = (change: Partial<Context> = {}): Context => ({
  view: "create",
  pageId: "65601",
  selection: null,
  videoId: null,
  isAdmin: false,
  site: site(),
  ...change,
});

export const preview: PreviewAnswer = {
  pageId: "65601",
  pageVersion: 4,
  script: {
    title: "Incident guide",
    sections: [
      { heading: "Who does what", text: "The owner calls a colleague." },
      { heading: "After the incident", text: "Tell a colleague what happened." },
    ],
  },
  removals: [
    { kind: "name", place: "title", section: null, count: 1 },
    { kind: "mention", place: "prose", section: 0, count: 1 },
    { kind: "email", place: "list", section: 0, count: 2 },
  ],
  neutralPhrases: ["a colleague", "an e-mail address", "an account"],
  sections: [
    { words: 10, seconds: 4 },
    { words: 8, seconds: 4 },
  ],
  words: 18,
  estimatedSeconds: 8,
  leftOut: [],
  warnings: [],
  language: "en",
  fingerprint: "1-0123456789abcdef0123456789abcdef",
  merged: null,
};

export const video = (change: Partial<Video> = {}): Video => ({
  id: VIDEO_ID,
  pageId: "65601",
  pageVersion: 4,
  sourceFingerprint: "1-0123456789abcdef0123456789abcdef",
  title: "Incident guide",
  state: "running",
  stage: "drawing",
  percent: 42,
  failure: null,
  options: {
    style: "whiteboard",
    voice: "female1",
    language: "en",
    length: "auto",
    music: "none",
    orientation: "landscape",
  },
  createdAt: "2026-11-24T10:00:00Z",
  finishedAt: null,
  durationMs: null,
  ...change,
});

export const done = video({
  state: "done",
  stage: "storing",
  percent: 100,
  finishedAt: "2026-11-24T10:01:00Z",
  durationMs: 65_000,
});

export const media: Media = {
  videoUrl: "http://127.0.0.1:1/media/video.mp4?signature=s",
  captionsUrl: "http://127.0.0.1:1/media/captions.vtt?signature=s",
  posterUrl: "http://127.0.0.1:1/media/poster.png?signature=s",
  chapters: [
    { startMs: 0, title: "Who does what" },
    { startMs: 30_000, title: "After the incident" },
  ],
  expiresAt: "2099-01-01T00:00:00Z",
};

export const failure = (change: Partial<Failure> = {}): Failure => ({
  code: "backend_unavailable",
  message: "The video service did not answer.",
  action: "Try again in a minute.",
  ...change,
});
