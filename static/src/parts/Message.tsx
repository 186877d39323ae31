// A message in the page, as Atlassian's section message looks. Of our own, because that one brings the
// tooltip of a button that it does not show here, and with it more than the rest of the player.

import type { ReactNode } from "react";

type Appearance = "information" | "warning" | "error" | "success";

export default function SectionMessage({
  appearance = "information",
  title,
  children,
}: {
  appearance?: Appearance;
  title?: string | undefined;
  children: ReactNode;
}) {
  return (
    <section className={`message ${appearance}`}>
      <Sign appearance={appearance} />
      <div>
        {title && <h2>{title}</h2>}
        {children}
      </div>
    </section>
  );
}

const SHAPES: Record<Appearance, string> = {
  information: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm-1 6h2v5H7V7Zm0-3h2v2H7V4Z",
  success:
    "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1ZM7 11.2l5-5L10.600 4.800 7 8.400 5.400 6.800 4 8.200l3 3Z",
  warning: "M8 1l7.500 13.500H.500L8 1ZM7 6v4h2V6H7Zm0 5v2h2v-2H7Z",
  error: "M5 1h6l4 4v6l-4 4H5l-4-4V5l4-4Zm2 3v5h2V4H7Zm0 6v2h2v-2H7Z",
};

function Sign({ appearance }: { appearance: Appearance }) {
  return (
    <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      <path d={SHAPES[appearance]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}
