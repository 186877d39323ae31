// What was taken out of the text before it is sent: by kind, with each item (P9).

import { messages } from "../messages";
import type { Removal, RemovalKind, Script } from "../protocol";

export function Removals({ removals, script }: { removals: Removal[]; script: Script }) {
  const kinds = new Map<RemovalKind, Removal[]>();
  for (const removal of removals) {
    kinds.set(removal.kind, [...(kinds.get(removal.kind) ?? []), removal]);
  }
  return (
    <section className="removals" data-testid="removals" aria-labelledby="removals-title">
      <h2 id="removals-title">{messages.removals.title}</h2>
      <p>
        {removals.length === 0 ? messages.removals.none : messages.removals.intro(removals.length)}
      </p>
      {[...kinds].map(([kind, items]) => (
        <div key={kind} className="removal-kind">
          <h3>{messages.removals.kind(kind, items.length)}</h3>
          <ul>
            {items.map((item, index) => (
              <li key={index} data-testid="removal">
                <del>{item.text}</del> {messages.removals.becomes}{" "}
                {item.replacement ? (
                  <ins>{item.replacement}</ins>
                ) : (
                  <em>{messages.removals.nothing}</em>
                )}{" "}
                <span className="hint">{place(item, script)}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function place({ section }: Removal, script: Script): string {
  if (section === null) return messages.removals.inTitle;
  return messages.removals.inSection(script.sections[section]?.heading ?? "", section + 1);
}
