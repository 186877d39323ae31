// Videos with title, state, date and duration, more of them on demand. Used by the library, by the
// byline and by the macro's picker, which differ in what choosing one does.

import Button from "@atlaskit/button/new";
import Lozenge from "@atlaskit/lozenge";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { call } from "../client";
import { clock, date } from "../format";
import { messages } from "../messages";
import type { Failure, PageId, Video, VideoId, VideoState, Videos } from "../protocol";
import EmptyState from "./Empty";
import { FailureMessage } from "./FailureMessage";
import { Loading } from "./Loading";

const APPEARANCE: Record<VideoState, "default" | "inprogress" | "success" | "removed"> = {
  queued: "default",
  running: "inprogress",
  done: "success",
  failed: "removed",
};

export function VideoList({
  pageId,
  only,
  label,
  empty,
  action,
  focusOn,
  onChoose,
}: {
  pageId?: PageId | undefined;
  only?: VideoState;
  /** What the button of a video says to those who hear it. */
  label: (title: string) => string;
  empty: string;
  action?: ReactNode;
  /** The video that the person came back from. */
  focusOn?: VideoId | undefined;
  onChoose: (video: Video) => void;
}) {
  const { pages, failure, loading, more, reload } = useVideos(pageId);
  const outOfDate = new Set(pages.flatMap((page) => page.outOfDate));
  const mayBeOutOfDate = new Set(pages.flatMap((page) => page.mayBeOutOfDate));
  const videos = pages
    .flatMap((page) => page.videos)
    .filter((video) => !only || video.state === only);
  const cursor = pages.at(-1)?.nextCursor;
  const words = messages.list;

  return (
    <div className="list">
      {videos.length > 0 && (
        <table>
          <caption className="unseen">{words.caption}</caption>
          <thead>
            <tr>
              <th scope="col">{words.columns.title}</th>
              <th scope="col">{words.columns.state}</th>
              <th scope="col">{words.columns.date}</th>
              <th scope="col">{words.columns.duration}</th>
            </tr>
          </thead>
          <tbody>
            {videos.map((video) => (
              <tr key={video.id} data-testid="video-row">
                <td>
                  <button
                    ref={video.id === focusOn ? focus : undefined}
                    type="button"
                    className="link"
                    aria-label={label(video.title)}
                    onClick={() => onChoose(video)}
                  >
                    {video.title}
                  </button>
                </td>
                <td>
                  <span className="lozenges">
                    <Lozenge appearance={APPEARANCE[video.state]}>
                      {words.states[video.state]}
                    </Lozenge>
                    {outOfDate.has(video.id) && (
                      <Lozenge appearance="moved">{words.outOfDate}</Lozenge>
                    )}
                    {mayBeOutOfDate.has(video.id) && <Lozenge>{words.mayBeOutOfDate}</Lozenge>}
                  </span>
                </td>
                <td>
                  <time dateTime={video.createdAt}>{date(video.createdAt)}</time>
                </td>
                <td>
                  {video.durationMs === null ? words.noDuration : clock(video.durationMs / 1000)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {failure && <FailureMessage failure={failure} onRetry={pages.length ? more : reload} />}
      {loading && <Loading />}
      {!loading && !failure && videos.length === 0 && !cursor && (
        <EmptyState
          testId="empty"
          header={words.empty}
          description={empty}
          primaryAction={action}
        />
      )}
      {!loading && !failure && cursor && <Button onClick={more}>{words.more}</Button>}
    </div>
  );
}

/** Runs when a row appears, so that loading more leaves the focus alone. */
function focus(button: HTMLButtonElement | null) {
  button?.focus();
}

function useVideos(pageId: PageId | undefined) {
  const [pages, setPages] = useState<Videos[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const [loading, setLoading] = useState(true);
  const wanted = useRef(0);

  const load = useCallback(
    async (before: Videos[]) => {
      const mine = ++wanted.current;
      const cursor = before.at(-1)?.nextCursor;
      setLoading(true);
      setFailure(undefined);
      const answer = await call("listVideos", {
        ...(pageId && { pageId }),
        ...(cursor && { cursor }),
      });
      if (mine !== wanted.current) return;
      setLoading(false);
      if ("ok" in answer) setPages([...before, answer.ok]);
      else setFailure(answer.error);
    },
    [pageId],
  );
  useEffect(() => {
    void load([]);
    return () => {
      wanted.current += 1;
    };
  }, [load]);

  return {
    pages,
    failure,
    loading,
    more: () => void load(pages),
    reload: () => void load([]),
  };
}
