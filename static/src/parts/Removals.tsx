// What was taken out of the text before it is sent: how many of which kind, and where (P9).

import { messages } from "../messages";
import type { Removal, Script } from "../protocol";

export function Removals({ removals, script }: { removals: Removal[]; script: Script }) {
  const words = messages.removals;
  const count = removals.reduce((sum, removal) => sum + removal.count, 0);
  return (
    <section className="removals" data-testid="removals" aria-labelledby="removals-title">
      <h2 id="removals-title">{words.title}</h2>
      <p>{count === 0 ? words.none : words.intro(count)}</p>
      {count > 0 && (
        <>
          <ul>
            {removals.map((removal) => (
              <li
                key={`${removal.section} ${removal.place} ${removal.kind}`}
                data-testid="removal"
                data-kind={removal.kind}
              >
                {words.some(removal.kind, removal.count)},{" "}
                <span className="hint">{where(removal, script)}</span>
              </li>
            ))}
          </ul>
          <p className="hint">{words.marked}</p>
        </>
      )}
    </section>
  );
}

function where({ place, section }: Removal, script: Script): string {
  const heading = script.sections[section ?? -1]?.heading ?? "";
  return messages.removals.where(place, heading, (section ?? 0) + 1);
}
