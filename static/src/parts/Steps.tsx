// Where the person is on the way to a video, and the way to each step.

import { messages } from "../messages";

export type Step = "text" | "look" | "make";
const STEPS: Step[] = ["text", "look", "make"];

export function Steps({ now, onGo }: { now: Step; onGo?: (step: Step) => void }) {
  const words = messages.create.steps;
  return (
    <nav aria-label={words.title} className="steps">
      <ol>
        {STEPS.map((step, index) => {
          const name = (
            <>
              <span className="number">{messages.number(index + 1)}</span> {words[step]}
            </>
          );
          const current = step === now ? "step" : undefined;
          return (
            <li key={step} aria-current={current}>
              {/* The last step begins with its own button. */}
              {onGo && !current && step !== "make" ? (
                <button type="button" className="link" onClick={() => onGo(step)}>
                  {name}
                </button>
              ) : (
                <span>{name}</span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
