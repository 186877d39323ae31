// Look and sound: the choices for a video. Only what the engine offers is shown, and no choice of one.

import Button from "@atlaskit/button/new";
import Select from "@atlaskit/select";
import { type ReactNode, useId } from "react";
import { language } from "../format";
import { messages } from "../messages";
import type { Language, OptionCatalogue, VideoOptions } from "../protocol";
import { Heading } from "./Heading";
import { StylePicture } from "./StylePicture";

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
  last,
}: {
  catalogue: OptionCatalogue;
  chosen: VideoOptions;
  onChange: (options: VideoOptions) => void;
  /** The page's language, where it was recognised. */
  pageLanguage: string | null;
  /** What was chosen the last time, where that is something else. */
  last: VideoOptions | undefined;
}) {
  const words = messages.options;
  const set = (change: Partial<VideoOptions>) => onChange({ ...chosen, ...change });
  return (
    <section className="options" aria-labelledby="options-title">
      <Heading id="options-title" level={2} takesFocus>
        {messages.create.steps.look}
      </Heading>
      {last && (
        <div className="buttons">
          <Button onClick={() => onChange(last)}>{words.asLastTime}</Button>
        </div>
      )}
      <Cards
        label={words.style}
        values={catalogue.styles}
        name={(it) => words.styles[it]}
        picture={(style) => <StylePicture style={style} />}
        value={chosen.style}
        onChange={(style) => set({ style })}
      />
      <Cards
        label={words.orientation}
        values={catalogue.orientations}
        name={(it) => words.orientations[it]}
        picture={(it) => <span className={`shape ${it}`} aria-hidden="true" />}
        value={chosen.orientation}
        onChange={(orientation) => set({ orientation })}
      />
      <div className="choices">
        <Choice
          label={words.length}
          values={catalogue.lengths}
          name={(it) => words.lengths[it]}
          value={chosen.length}
          onChange={(length) => set({ length })}
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
        <Choice
          label={words.music}
          values={catalogue.music}
          name={(it) => words.moods[it]}
          value={chosen.music}
          onChange={(music) => set({ music })}
        />
      </div>
      {pageLanguage && !narrating(catalogue, pageLanguage) && (
        <p className="hint">{words.notOffered(language(pageLanguage))}</p>
      )}
      {catalogue.voices.length === 0 && <p className="hint">{words.silent}</p>}
    </section>
  );
}

/** A choice that is better seen than read. */
function Cards<T extends string>({
  label,
  values,
  name,
  picture,
  value,
  onChange,
}: {
  label: string;
  values: T[];
  name: (value: T) => string;
  picture: (value: T) => ReactNode;
  value: T;
  onChange: (value: T) => void;
}) {
  const id = useId();
  if (values.length < 2) return null;
  return (
    <fieldset className="field cards">
      <legend>{label}</legend>
      <div>
        {values.map((it) => (
          <label key={it} className="card">
            <input
              type="radio"
              name={id}
              value={it}
              checked={it === value}
              onChange={() => onChange(it)}
            />
            {picture(it)}
            <span>{name(it)}</span>
          </label>
        ))}
      </div>
    </fieldset>
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
  const id = useId();
  if (values.length < 2) return null;
  const options = values.map((it) => ({ value: it, label: name(it) }));
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
