// Every text that a person reads, in the language that they read. The sentences are in locales/*.json;
// here is what takes values. A part of `messages` is looked up when it is shown, never kept.

import { fill, list, type Sentences, speak } from "./i18n";
import english from "./locales/en.json";
import type {
  AttachmentKind,
  AttachmentProblem,
  ErrorCode,
  Failure,
  Length,
  Music,
  Orientation,
  PageWarning,
  PageWarningKind,
  Place,
  Removal,
  RemovalKind,
  Stage,
  Style,
  VideoState,
  View,
  Voice,
} from "./protocol";

type Words = { message: string; action: string };

function compose(all: Sentences) {
  const { general, create, attachments, removals, notes, progress, player } = all;
  const section = (heading: string) =>
    heading ? fill(general.sectionNamed, { heading }) : general.sectionUnnamed;
  const titles: Record<View, string> = all.titles;
  const errors: Record<ErrorCode, Words> = all.errors;
  const problems: Record<AttachmentProblem, string> = attachments.problems;
  const kinds: Record<RemovalKind, Sentences["removals"]["kinds"]["name"]> = removals.kinds;
  const places: Record<Exclude<Place, "title">, string> = removals.places;
  const warnings: Record<PageWarningKind, string> = notes.warnings;
  const some = (kind: RemovalKind, count: number) => fill(kinds[kind], { count });
  return {
    title: (view: View) => titles[view],
    number: (value: number) => fill("{value}", { value }),
    ...general,
    failure: {
      ...all.failure,
      titles: {
        admin_required: all.failure.adminRequired,
        page_changed: all.failure.pageChanged,
      } as Partial<Record<ErrorCode, string>>,
      /** A failure in the person's language. What is particular to it stays as the program said it. */
      words: ({ code, message, action }: Failure): Words & { detail?: string } => {
        const known: Words | undefined = (english.errors as Record<string, Words>)[code];
        if (!known || !message.startsWith(known.message)) return { message, action };
        const detail = message.slice(known.message.length).trim();
        return { ...errors[code], ...(detail && { detail }) };
      },
    },
    create: {
      ...create,
      heading: (number: number) => fill(create.heading, { number }),
      text: (number: number) => fill(create.text, { number }),
      size: (words: number, length: string) => fill(create.size, { count: words, length }),
      tellSection: (number: number) => fill(create.tellSection, { number }),
      cost: (videos: number, length: string) => fill(create.cost, { count: videos, length }),
      sectionTime: (length: string) => fill(create.sectionTime, { length }),
      loadedNew: (conflicts: number) =>
        conflicts === 0
          ? create.loadedNew
          : `${create.loadedNew} ${fill(create.conflictCount, { count: conflicts })}`,
    },
    options: {
      ...all.options,
      recognised: (language: string) => fill(all.options.recognised, { language }),
      notOffered: (language: string) => fill(all.options.notOffered, { language }),
      styles: all.options.styles satisfies Record<Style, string>,
      voices: all.options.voices satisfies Record<Voice, string>,
      lengths: all.options.lengths satisfies Record<Length, string>,
      moods: all.options.moods satisfies Record<Music, string>,
      orientations: all.options.orientations satisfies Record<Orientation, string>,
    },
    attachments: {
      ...attachments,
      open: (chosen: number) =>
        chosen === 0 ? attachments.choose : fill(attachments.open, { count: chosen }),
      limits: (files: number, size: string) => fill(attachments.limits, { count: files, size }),
      about: (kind: string, size: string, reason: string | undefined) =>
        [kind, size, reason].filter(Boolean).join(" · "),
      kinds: attachments.kinds satisfies Record<AttachmentKind, string>,
      problem: (problem: AttachmentProblem, size: string) => fill(problems[problem], { size }),
      full: (files: number) => fill(attachments.full, { count: files }),
    },
    removals: {
      ...removals,
      intro: (count: number) => fill(removals.intro, { count }),
      some,
      /** Where something stood, of a section with this heading and number. */
      where: (place: Place, heading: string, number: number) => {
        if (place === "title") return removals.inTitle;
        const named = heading ? section(heading) : fill(removals.section, { number });
        return fill(places[place], { section: named });
      },
      here: (removed: Removal[]) =>
        fill(removed[0]?.place === "title" ? removals.fromTitle : removals.fromSection, {
          removals: list(removed.map(({ kind, count }) => some(kind, count))),
        }),
    },
    notes: {
      ...notes,
      leftOut: (heading: string) => fill(notes.leftOut, { section: section(heading) }),
      shortened: (heading: string) => fill(notes.shortened, { section: section(heading) }),
      warning: ({ kind, name, count }: PageWarning) => {
        const message = fill(warnings[kind], { name: name && ` (${name})` });
        return count > 1 ? fill(notes.times, { message, count }) : message;
      },
    },
    progress: {
      ...progress,
      label: (percent: number) => fill(progress.label, { percent }),
      percent: (percent: number) => fill(progress.percent, { percent }),
      left: (time: string) => fill(progress.left, { time }),
      shortStages: progress.shortStages satisfies Record<Stage, string>,
      stages: progress.stages satisfies Record<Stage, string>,
    },
    player: {
      ...player,
      madeBy: (engine: string) => {
        const names = all.settings.engines as Record<string, string>;
        return fill(player.madeBy, { engine: names[engine] ?? engine });
      },
      video: (title: string) => fill(player.video, { title }),
      place: (now: string, length: string) => fill(player.place, { now, length }),
      times: (speed: number) => fill(player.times, { speed }),
      speedIs: (speed: number) => fill(player.speedIs, { speed }),
    },
    list: {
      ...all.list,
      states: all.list.states satisfies Record<VideoState, string>,
      open: (title: string) => fill(all.list.open, { title }),
    },
    macro: {
      ...all.macro,
      choose: (title: string) => fill(all.macro.choose, { title }),
    },
    settings: {
      ...all.settings,
      engines: all.settings.engines as Record<string, string>,
    },
  };
}

/** The texts. Another object once another language is chosen: never keep a part of it. */
export let messages = compose(english);

/** Shows all texts in the language of this tag from now on. */
export async function chooseLanguage(tag: string): Promise<void> {
  messages = compose(await speak(tag));
}
