// The choices for a video. Only what the engine offers is shown, and no choice of one.

import Select from "@atlaskit/select";
import { language } from "../format";
import { messages } from "../messages";
import type { Language, OptionCatalogue, VideoOptions } from "../protocol";

/** The choice of a language that narrates a page in this one (ISO 639-1), if there is one. */
export function narrating(catalogue: OptionCatalogue, page: string | null): Language | undefined {
  return catalogue.languages.find((it) => it.split("-")[0] === page);
}

/** The first choice of each list is the engine's default; the language is the page's, if it can be. */
export function defaultOptions(catalogue: OptionCatalogue, page: string | null): VideoOptions {
  return {
    style: catalogue.styles[0] ?? "whiteboard",
    voice: catalogue.voices[0] ?? "female1",
    language: narrating(catalogue, page) ?? catalogue.languages[0] ?? "en",
    length: catalogue.lengths[0] ?? "auto",
    music: catalogue.music[0] ?? "none",
    orientation: catalogue.orientations[0] ?? "landscape",
  };
}

export function Options({
  catalogue,
  chosen,
  onChange,
  pageLanguage,
  keepCode,
  onKeepCode,
}: {
  catalogue: OptionCatalogue;
  chosen: VideoOptions;
  onChange: (options: VideoOptions) => void;
  /** The page's language, where it was recognised. */
  pageLanguage: string | null;
  keepCode: boolean;
  onKeepCode: (keepCode: boolean) => void;
}) {
  const words = messages.options;
  const set = (change: Partial<VideoOptions>) => onChange({ ...chosen, ...change });
  return (
    <section className="options" aria-labelledby="options-title">
      <h2 id="options-title">{messages.create.options}</h2>
      <Choice
        label={words.style}
        values={catalogue.styles}
        name={(it) => words.styles[it]}
        value={chosen.style}
        onChange={(style) => set({ style })}
      />
      <Choice
        label={words.voice}
        values={catalogue.voices}
        name={(it) => words.voices[it]}
        value={chosen.voice}
        onChange={(voice) => set({ voice })}
      />
      <Choice
        label={words.language}
        values={catalogue.languages}
        name={language}
        value={chosen.language}
        onChange={(it) => set({ language: it })}
        hint={
          pageLanguage && narrating(catalogue, pageLanguage)
            ? words.recognised(language(pageLanguage))
            : undefined
        }
      />
      {pageLanguage && !narrating(catalogue, pageLanguage) && (
        <p className="hint">{words.notOffered(language(pageLanguage))}</p>
      )}
      <Choice
        label={words.length}
        values={catalogue.lengths}
        name={(it) => words.lengths[it]}
        value={chosen.length}
        onChange={(length) => set({ length })}
      />
      <Choice
        label={words.music}
        values={catalogue.music}
        name={(it) => words.moods[it]}
        value={chosen.music}
        onChange={(music) => set({ music })}
      />
      <Choice
        label={words.orientation}
        values={catalogue.orientations}
        name={(it) => words.orientations[it]}
        value={chosen.orientation}
        onChange={(orientation) => set({ orientation })}
      />
      <div className="field check">
        <input
          type="checkbox"
          id="option-code"
          checked={keepCode}
          aria-describedby="option-code-hint"
          onChange={(event) => onKeepCode(event.target.checked)}
        />
        <label htmlFor="option-code">{words.keepCode}</label>
        <p id="option-code-hint" className="hint">
          {words.keepCodeHint}
        </p>
      </div>
      {catalogue.voices.length === 0 && <p className="hint">{words.silent}</p>}
    </section>
  );
}

function Choice<T extends string>({
  label,
  values,
  name,
  value,
  onChange,
  hint,
}: {
  label: string;
  values: T[];
  name: (value: T) => string;
  value: T;
  onChange: (value: T) => void;
  hint?: string | undefined;
}) {
  if (values.length < 2) return null;
  const options = values.map((it) => ({ value: it, label: name(it) }));
  const id = `option-${label.toLowerCase()}`;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Select
        inputId={id}
        options={options}
        value={options.find((it) => it.value === value) ?? null}
        onChange={(choice) => choice && onChange(choice.value)}
        isSearchable={false}
        spacing="compact"
        menuPosition="fixed"
      />
      {hint && <p className="hint">{hint}</p>}
    </div>
  );
}
