import type { ReactNode } from "react";

/** Where there is nothing yet: what would be here, and how to get it. */
export default function EmptyState({
  header,
  description,
  primaryAction,
  testId,
}: {
  header: string;
  description: ReactNode;
  primaryAction?: ReactNode;
  testId?: string;
}) {
  return (
    <div className="empty" data-testid={testId}>
      <h2>{header}</h2>
      <p>{description}</p>
      {primaryAction}
    </div>
  );
}
