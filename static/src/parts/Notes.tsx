// What the script lacks of the page: sections that the length leaves out, and what the app could not
// read as its author meant it. Quiet: most of it needs no action.

import { messages } from "../messages";
import type { LeftOut, PageWarning } from "../protocol";

export function Notes({ leftOut, warnings }: { leftOut: LeftOut[]; warnings: PageWarning[] }) {
  const words = messages.notes;
  if (leftOut.length + warnings.length === 0) return null;
  return (
    <section className="notes" aria-labelledby="notes-title">
      <h2 id="notes-title">{words.title}</h2>
      {leftOut.length > 0 && (
        <>
          <p>{words.forLength}</p>
          <ul>
            {leftOut.map(({ heading, section }, index) => (
              <li key={index} data-testid="left-out">
                {section === null ? words.leftOut(heading) : words.shortened(heading)}
              </li>
            ))}
          </ul>
        </>
      )}
      {warnings.length > 0 && (
        <ul>
          {warnings.map((warning) => (
            <li key={`${warning.kind} ${warning.name}`} data-testid="warning">
              {words.warning(warning)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
