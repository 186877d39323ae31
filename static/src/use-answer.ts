// An operation's answer as a view's state: loading, failed, or there.

import { useCallback, useEffect, useState } from "react";
import type { Answer, Failure } from "./protocol";

export type Loaded<T> =
  | { state: "loading" }
  | { state: "failed"; failure: Failure }
  | { state: "ready"; value: T };

/** Asks once, and again on `reload`. An answer that comes after the view is gone is dropped. */
export function useAnswer<T>(ask: () => Promise<Answer<T>>, key: string) {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: "loading" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    setLoaded({ state: "loading" });
    ask().then((answer) => {
      if (!current) return;
      setLoaded(
        "ok" in answer
          ? { state: "ready", value: answer.ok }
          : { state: "failed", failure: answer.error },
      );
    });
    return () => {
      current = false;
    };
  }, [key, attempt]);
  const reload = useCallback(() => setAttempt((before) => before + 1), []);
  return { loaded, reload };
}
