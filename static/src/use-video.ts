// A video's status, asked again until it is done. One call a poll; slower while nothing moves or while
// the app cannot be reached, and not at all while nobody looks, because each call costs the site.

import { useCallback, useEffect, useState } from "react";
import { call } from "./client";
import type { ErrorCode, Failure, VideoId, VideoStatusAnswer } from "./protocol";

const POLL_MS = 1000;
const SLOWEST_POLL_MS = 15_000;
const SLOWER = 1.5;

/** Failures that may pass by themselves. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  "backend_unavailable",
  "confluence_unavailable",
  "token_expired",
  "rate_limited",
  "internal",
]);
/** Failed polls in a row after which the person decides. */
const PATIENCE = 5;

export interface VideoWatch {
  status: VideoStatusAnswer | undefined;
  /** The last poll's failure, while it is tried again. */
  hiccup: boolean;
  /** What ended the watching. */
  failure: Failure | undefined;
  /** Asks anew, after a failure or for fresh media addresses. */
  refresh: () => void;
}

export function useVideo(videoId: VideoId): VideoWatch {
  const [status, setStatus] = useState<VideoStatusAnswer>();
  const [hiccup, setHiccup] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    let current = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = POLL_MS;
    let percent = -1;
    let failures = 0;
    let isResting = false;
    const poll = async () => {
      timer = undefined;
      const answer = await call("videoStatus", { videoId });
      if (!current) return;
      if ("error" in answer) {
        failures += 1;
        if (!PASSING.has(answer.error.code) || failures >= PATIENCE) {
          setHiccup(false);
          setFailure(answer.error);
          return;
        }
        setHiccup(true);
        wait = Math.min(wait * 2, SLOWEST_POLL_MS);
      } else {
        const { video, media } = answer.ok;
        failures = 0;
        setHiccup(false);
        setStatus(answer.ok);
        if (video.state === "failed" || (video.state === "done" && media)) return;
        wait = video.percent > percent ? POLL_MS : Math.min(wait * SLOWER, SLOWEST_POLL_MS / 3);
        percent = video.percent;
      }
      // In a window that nobody sees the next poll waits for somebody who looks.
      if (!document.hidden) timer = setTimeout(poll, wait);
      else isResting = true;
    };
    const look = () => {
      if (document.hidden) {
        if (timer === undefined) return;
        clearTimeout(timer);
        timer = undefined;
        isResting = true;
      } else if (isResting) {
        isResting = false;
        wait = POLL_MS;
        void poll();
      }
    };
    setFailure(undefined);
    poll();
    document.addEventListener("visibilitychange", look);
    return () => {
      current = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [videoId, attempt]);

  const refresh = useCallback(() => setAttempt((before) => before + 1), []);
  return { status, hiccup, failure, refresh };
}
