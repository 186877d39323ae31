import Button from "@atlaskit/button/new";
import { messages } from "../messages";
import type { ErrorCode, Failure } from "../protocol";
import SectionMessage from "./Message";

/** Failures that the same call cannot mend: somebody has to change something first. */
const LASTING: ReadonlySet<ErrorCode> = new Set([
  "unknown_operation",
  "licence_inactive",
  "version_mismatch",
  "no_page",
  "invalid_request",
  "too_large",
  "admin_required",
  "api_key_invalid",
  "page_empty",
  "page_changed",
  "page_unreadable",
  "attachment_not_found",
  "attachment_too_large",
  "attachment_unsupported",
  "attachment_encrypted",
  "attachment_unreadable",
  "attachment_without_text",
  "idempotency_conflict",
  "allowance_used",
  "site_suspended",
  "app_blocked",
  "video_cancelled",
  // Golpo may have made it after all: a person looks there first.
  "engine_timed_out",
  "engine_unclear",
  "video_ended",
  "deletion_not_found",
]);

/** Failures in which nothing went wrong. */
const WARNINGS: ReadonlySet<ErrorCode> = new Set([
  "admin_required",
  "api_key_missing",
  "api_key_refused",
  "engine_plan",
  "engine_busy",
  "engine_unavailable",
  "page_changed",
]);

/** What went wrong and what to do about it. */
export function FailureMessage({
  failure,
  title,
  onRetry,
  remedy,
}: {
  failure: Failure;
  title?: string;
  onRetry?: (() => void) | undefined;
  /** What mends it, where that is a click away. */
  remedy?: { label: string; onClick: () => void } | undefined;
}) {
  const words = messages.failure.words(failure);
  const usual = messages.failure.titles[failure.code] ?? messages.failure.title;
  return (
    <div role="alert" data-testid="error" data-code={failure.code} className="failure">
      <SectionMessage
        appearance={WARNINGS.has(failure.code) ? "warning" : "error"}
        title={title ?? usual}
      >
        <p>
          {words.message}
          {words.detail && <span lang="en"> {words.detail}</span>}
        </p>
        <p>{words.action}</p>
      </SectionMessage>
      {remedy && <Button onClick={remedy.onClick}>{remedy.label}</Button>}
      {onRetry && !LASTING.has(failure.code) && <Button onClick={onRetry}>{messages.retry}</Button>}
    </div>
  );
}
