// The macro in a page: plays its video, or lets the author choose one where Confluence shows the
// macro's configuration.

import { view } from "@forge/bridge";
import { lazy, Suspense, useEffect, useState } from "react";
import type { ViewProps } from "../App";
import { messages } from "../messages";
import EmptyState from "../parts/Empty";
import { Loading } from "../parts/Loading";
import { VideoWatch } from "../parts/VideoWatch";

// Readers never need it.
const Picker = lazy(() => import("../parts/Picker"));

/**
 * Whether Confluence shows the macro's configuration and not the macro. Only there can a choice be
 * submitted; `isInserting` says nothing about that.
 */
async function isConfiguring(): Promise<boolean> {
  const { extension } = await view.getContext();
  const macro: { isConfiguring?: boolean } | undefined = extension.macro;
  return macro?.isConfiguring === true;
}

export default function Macro({ context }: ViewProps) {
  const [configuring, setConfiguring] = useState<boolean>();
  useEffect(() => {
    isConfiguring().then(setConfiguring, () => setConfiguring(false));
  }, []);
  if (configuring === undefined) return <Loading />;
  if (configuring) {
    return (
      <Suspense fallback={<Loading />}>
        <Picker />
      </Suspense>
    );
  }
  if (!context.videoId) {
    return (
      <EmptyState
        testId="empty"
        header={messages.macro.none}
        description={messages.macro.noneHint}
      />
    );
  }
  // The reader is reading the page: the macro must not take the focus from it.
  return <VideoWatch videoId={context.videoId} takesFocus={false} />;
}
