// The text that will leave, by section: each can be edited, and left out. What was removed is marked
// where it stood and said below.

import Button from "@atlaskit/button/new";
import { clock } from "../format";
import { messages } from "../messages";
import type { PreviewAnswer, Removal, Script, ScriptSection, SectionTime } from "../protocol";
import { origins } from "../script";
import { MarkedText } from "./MarkedText";

export function ScriptEditor({
  preview,
  script,
  times,
  leftOut,
  conflicts,
  titleConflicts,
  isReadOnly,
  onTitle,
  onSection,
  onLeaveOut,
  onSolved,
}: {
  preview: PreviewAnswer;
  script: Script;
  /** The narration of each section. */
  times: SectionTime[];
  /** The sections that the person does not want to tell. */
  leftOut: ReadonlySet<number>;
  /** The sections that the page and the person both changed. */
  conflicts: number[];
  titleConflicts: boolean;
  isReadOnly: boolean;
  onTitle: (title: string) => void;
  onSection: (index: number, change: Partial<ScriptSection>) => void;
  onLeaveOut: (index: number, isLeftOut: boolean) => void;
  /** The page's text was taken, of a section or of the title. */
  onSolved: (section: number | "title") => void;
}) {
  const words = messages.create;
  const from = origins(script, preview.script);
  const removedFrom = (section: number | null | undefined) =>
    preview.removals.filter((removal) => removal.section === section);
  // Where nobody was taken out, the same words are the page's own.
  const marksOf = (section: number | null | undefined) =>
    removedFrom(section).length > 0
      ? {
          phrases: preview.neutralPhrases,
          "aria-describedby": `removed-${section ?? "title"}`,
        }
      : { phrases: [] };
  return (
    <>
      <div className="field">
        <label htmlFor="script-name">{words.videoTitle}</label>
        <MarkedText
          id="script-name"
          oneLine
          value={script.title}
          maxLength={300}
          isReadOnly={isReadOnly}
          onChange={onTitle}
          {...marksOf(null)}
        />
        <p className="hint">
          <Removed removals={removedFrom(null)} id="removed-title" />
        </p>
        {titleConflicts && (
          <Conflict
            words={words.titleConflict}
            page={preview.script.title}
            onTake={() => {
              onTitle(preview.script.title);
              onSolved("title");
            }}
          />
        )}
      </div>
      {script.sections.map((section, index) => (
        <div
          key={index}
          className={leftOut.has(index) ? "section left-out" : "section"}
          data-testid="preview-section"
        >
          <MarkedText
            label={words.heading(index + 1)}
            oneLine
            placeholder={words.noHeading}
            value={section.heading}
            isReadOnly={isReadOnly || leftOut.has(index)}
            onChange={(heading) => onSection(index, { heading })}
            {...marksOf(from[index])}
          />
          <MarkedText
            label={words.text(index + 1)}
            value={section.text}
            isReadOnly={isReadOnly || leftOut.has(index)}
            onChange={(text) => onSection(index, { text })}
            {...marksOf(from[index])}
          />
          <p className="hint below">
            <label className="tell">
              <input
                type="checkbox"
                checked={!leftOut.has(index)}
                disabled={isReadOnly}
                aria-label={words.tellSection(index + 1)}
                onChange={(event) => onLeaveOut(index, !event.target.checked)}
              />
              <span aria-hidden="true">{words.tell}</span>
            </label>
            <span className="time">
              {leftOut.has(index)
                ? words.leftOut
                : words.sectionTime(clock(times[index]?.seconds ?? 0))}
            </span>
            <Removed removals={removedFrom(from[index])} id={`removed-${from[index]}`} />
          </p>
          {conflicts.includes(index) && (
            <Conflict
              words={words.conflict}
              page={wordsOf(preview.script.sections[from[index] ?? -1])}
              onTake={() => {
                onSection(index, preview.script.sections[from[index] ?? -1] ?? section);
                onSolved(index);
              }}
            />
          )}
        </div>
      ))}
    </>
  );
}

/** Says below a text what was taken out of it. */
function Removed({ removals, id }: { removals: Removal[]; id: string }) {
  if (removals.length === 0) return null;
  return <span id={id}>{messages.removals.here(removals)}</span>;
}

function wordsOf(section: ScriptSection | undefined): string {
  return section ? [section.heading, section.text].filter(Boolean).join("\n\n") : "";
}

/** Says that the page changed what the person changed, and offers the page's text. */
function Conflict({ words, page, onTake }: { words: string; page: string; onTake: () => void }) {
  return (
    <div className="conflict" role="note" data-testid="conflict">
      <p>{words}</p>
      {page ? (
        <details>
          <summary>{messages.create.pageSays}</summary>
          <p className="page-says">{page}</p>
          <Button spacing="compact" onClick={onTake}>
            {messages.create.takePage}
          </Button>
        </details>
      ) : (
        <p>{messages.create.pageLacks}</p>
      )}
    </div>
  );
}
