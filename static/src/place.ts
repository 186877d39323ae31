// Where the app was opened, as Forge tells the frame by itself: the views that need no more than that
// are shown without asking the resolver first.

import { view } from "@forge/bridge";
import type { Context, View } from "./protocol";

export type Place = Pick<Context, "view" | "pageId" | "videoId">;

/** The modules of manifest.yml whose views ask for what they show, and for nothing else. */
const VIEWS: Record<string, View> = {
  "golpo-byline": "byline",
  "golpo-library": "library",
  "golpo-settings": "settings",
  "golpo-video": "macro",
};

interface Extension {
  content?: { id?: string | number };
  config?: { videoId?: unknown };
}

/** The place, where Forge tells all that its view needs. */
export async function findPlace(): Promise<Place | undefined> {
  try {
    const { moduleKey, extension } = await view.getContext();
    const { content, config }: Extension = extension ?? {};
    const shown = VIEWS[moduleKey];
    const pageId = content?.id === undefined ? null : String(content.id);
    if (!shown || (shown === "byline" && !pageId)) return undefined;
    const videoId = typeof config?.videoId === "string" ? config.videoId : null;
    return { view: shown, pageId, videoId };
  } catch {
    return undefined;
  }
}
