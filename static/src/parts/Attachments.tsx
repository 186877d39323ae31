// The page's files: which can be told behind the page, how large they are, why one cannot. Asked for
// only when the list is opened.

import { useId, useState } from "react";
import { call } from "../client";
import { bytes } from "../format";
import { messages } from "../messages";
import type { Attachment, AttachmentId, PageId } from "../protocol";
import { useAnswer } from "../use-answer";
import { FailureMessage } from "./FailureMessage";
import { Loading } from "./Loading";

interface Choice {
  pageId: PageId;
  /** In the order in which they were chosen, which is that of the script. */
  chosen: AttachmentId[];
  onChange: (chosen: AttachmentId[]) => void;
}

export function Attachments(choice: Choice) {
  const words = messages.attachments;
  const [wasOpened, setWasOpened] = useState(false);
  return (
    <section className="attachments" aria-labelledby="attachments-title">
      <h2 id="attachments-title">{words.title}</h2>
      <details onToggle={(event) => event.currentTarget.open && setWasOpened(true)}>
        <summary data-testid="attachments-open">{words.open(choice.chosen.length)}</summary>
        {wasOpened && <List {...choice} />}
      </details>
    </section>
  );
}

function List({ pageId, chosen, onChange }: Choice) {
  const words = messages.attachments;
  const { loaded, reload } = useAnswer(() => call("listAttachments", { pageId }), pageId);
  if (loaded.state === "loading") return <Loading text={words.loading} />;
  if (loaded.state === "failed") {
    return <FailureMessage failure={loaded.failure} onRetry={reload} />;
  }
  const { attachments, more, maxBytes, maxChosen } = loaded.value;
  if (attachments.length === 0) return <p>{words.none}</p>;
  const isFull = chosen.length >= maxChosen;
  return (
    <fieldset>
      <legend>{words.legend}</legend>
      <p className="hint">{words.limits(maxChosen, bytes(maxBytes))}</p>
      <ul>
        {attachments.map((file) => {
          const isChosen = chosen.includes(file.id);
          const reason = file.problem
            ? words.problem(file.problem, bytes(maxBytes))
            : isFull && !isChosen
              ? words.full(maxChosen)
              : undefined;
          return (
            <File
              key={file.id}
              file={file}
              isChosen={isChosen}
              reason={reason}
              onChange={(isNow) =>
                onChange(isNow ? [...chosen, file.id] : chosen.filter((other) => other !== file.id))
              }
            />
          );
        })}
      </ul>
      {more && <p className="hint">{words.more}</p>}
    </fieldset>
  );
}

function File({
  file,
  isChosen,
  reason,
  onChange,
}: {
  file: Attachment;
  isChosen: boolean;
  /** Why it cannot be chosen. */
  reason: string | undefined;
  onChange: (isChosen: boolean) => void;
}) {
  const id = useId();
  const kind = file.kind ? messages.attachments.kinds[file.kind] : file.mediaType;
  return (
    <li className="field check" data-testid="attachment">
      <input
        type="checkbox"
        id={id}
        checked={isChosen}
        disabled={reason !== undefined}
        aria-describedby={`${id}-about`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{file.name}</label>
      <p id={`${id}-about`} className="hint">
        {messages.attachments.about(kind, bytes(file.bytes), reason)}
      </p>
    </li>
  );
}
