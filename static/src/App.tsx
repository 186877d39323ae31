// Asks where it is and shows the view that belongs there. Each view is loaded when it is needed.

import { Component, type ComponentType, lazy, type ReactNode, Suspense, useState } from "react";
import { call } from "./client";
import { messages } from "./messages";
import { FailureMessage } from "./parts/FailureMessage";
import { Heading } from "./parts/Heading";
import { Loading } from "./parts/Loading";
import type { Context, View } from "./protocol";
import { useAnswer } from "./use-answer";

export interface ViewProps {
  context: Context;
  /** Shows another view in the same place. */
  go: (view: View) => void;
}

const VIEWS: Record<View, ComponentType<ViewProps>> = {
  create: lazy(() => import("./views/Create")),
  byline: lazy(() => import("./views/Byline")),
  library: lazy(() => import("./views/Library")),
  macro: lazy(() => import("./views/Macro")),
  settings: lazy(() => import("./views/Settings")),
};

export function App() {
  const { loaded, reload } = useAnswer(() => call("context"), "context");
  const [chosen, setChosen] = useState<View>();

  if (loaded.state === "loading") return <Loading />;
  if (loaded.state === "failed") {
    return (
      <main>
        <FailureMessage failure={loaded.failure} onRetry={reload} />
      </main>
    );
  }
  const context = loaded.value;
  const view = chosen ?? context.view;
  const Shown = VIEWS[view];
  return (
    <main className={`view-${view}`}>
      {view !== "macro" && (
        <Heading takesFocus={chosen !== undefined}>{messages.title(view)}</Heading>
      )}
      <Boundary>
        <Suspense fallback={<Loading />}>
          <Shown context={context} go={setChosen} />
        </Suspense>
      </Boundary>
    </main>
  );
}

/** Says that a view crashed or could not be loaded, instead of leaving an empty frame. */
class Boundary extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };
  static getDerivedStateFromError() {
    return { crashed: true };
  }
  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <FailureMessage
        failure={{ code: "internal", ...messages.failure.crashed }}
        onRetry={() => location.reload()}
      />
    );
  }
}
