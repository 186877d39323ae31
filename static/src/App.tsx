// Finds out where it is and shows the view that belongs there. Each view is loaded when it is needed.

import {
  Component,
  type ComponentType,
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useState,
} from "react";
import { call } from "./client";
import { messages } from "./messages";
import { FailureMessage } from "./parts/FailureMessage";
import { Heading } from "./parts/Heading";
import { Loading } from "./parts/Loading";
import { findPlace, type Place } from "./place";
import type { Context, View } from "./protocol";
import { useAnswer } from "./use-answer";

export interface ViewProps {
  context: Place;
  /** Shows another view in the same place. */
  go: (view: View) => void;
}

export interface CreateProps extends ViewProps {
  context: Context;
}

const Create = lazy(() => import("./views/Create"));
const VIEWS: Record<Exclude<View, "create">, ComponentType<ViewProps>> = {
  byline: lazy(() => import("./views/Byline")),
  library: lazy(() => import("./views/Library")),
  macro: lazy(() => import("./views/Macro")),
  settings: lazy(() => import("./views/Settings")),
};

export function App() {
  const [place, setPlace] = useState<Place | "unknown">();
  const [chosen, setChosen] = useState<View>();
  useEffect(() => {
    findPlace().then((found) => setPlace(found ?? "unknown"));
  }, []);

  if (!place) return <Loading />;
  if (place === "unknown" || chosen === "create") {
    return <Asking chosen={chosen} go={setChosen} />;
  }
  return <Shown context={place} chosen={chosen} go={setChosen} />;
}

interface Way {
  chosen: View | undefined;
  go: (view: View) => void;
}

/** Asks the resolver for the place, and for what may be made there. */
function Asking(way: Way) {
  const { loaded, reload } = useAnswer(() => call("context"), "context");
  if (loaded.state === "loading") return <Loading />;
  if (loaded.state === "failed") {
    return (
      <main>
        <FailureMessage failure={loaded.failure} onRetry={reload} />
      </main>
    );
  }
  return <Shown {...way} context={loaded.value} site={loaded.value} />;
}

function Shown({ context, site, chosen, go }: Way & { context: Place; site?: Context }) {
  const view = chosen ?? context.view;
  return (
    <main className={`view-${view}`}>
      {view !== "macro" && (
        <Heading takesFocus={chosen !== undefined}>{messages.title(view)}</Heading>
      )}
      <Boundary>
        <Suspense fallback={<Loading />}>
          <OneView view={view} context={context} site={site} go={go} />
        </Suspense>
      </Boundary>
    </main>
  );
}

function OneView({
  view,
  context,
  site,
  go,
}: ViewProps & { view: View; site: Context | undefined }) {
  if (view === "create") return site && <Create context={site} go={go} />;
  const View = VIEWS[view];
  return <View context={context} go={go} />;
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
