// Every text that a person reads, in one place, so that it can be translated. Failures from the
// resolver bring their own message and action.

import type {
  AttachmentKind,
  AttachmentProblem,
  ErrorCode,
  Length,
  Music,
  Orientation,
  Place,
  Removal,
  RemovalKind,
  Stage,
  Style,
  VideoState,
  View,
  Voice,
} from "./protocol";

const counted = (count: number, one: string, many: string) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const section = (heading: string) => (heading ? `“${heading}”` : "A section without a heading");

const removalKinds: Record<RemovalKind, [one: string, many: string]> = {
  mention: ["mention", "mentions"],
  peopleLink: ["link to a person", "links to people"],
  peopleMacro: ["element that shows people", "elements that show people"],
  name: ["name", "names"],
  email: ["e-mail address", "e-mail addresses"],
  accountId: ["account ID", "account IDs"],
};

/** What of a section something stood in; the title belongs to none. */
const places: Record<Exclude<Place, "title">, string> = {
  heading: "heading",
  prose: "text",
  list: "list",
  task: "tasks",
  table: "table",
  code: "code",
  picture: "pictures",
};

const styles: Record<Style, string> = {
  whiteboard: "Whiteboard",
  chalkboard: "Chalkboard",
  modernMinimal: "Modern minimal",
};
const voices: Record<Voice, string> = {
  female1: "Female 1",
  female2: "Female 2",
  male1: "Male 1",
  male2: "Male 2",
};
const lengths: Record<Length, string> = {
  auto: "As long as the text needs",
  seconds30: "About 30 seconds",
  minute1: "About 1 minute",
  minutes2: "About 2 minutes",
  minutes4: "About 4 minutes",
};
const music: Record<Music, string> = {
  none: "No music",
  jazz: "Jazz",
  lofi: "Lo-fi",
  dramatic: "Dramatic",
  whimsical: "Whimsical",
  engaging: "Engaging",
  inspirational: "Inspirational",
  documentary: "Documentary",
};
const orientations: Record<Orientation, string> = {
  landscape: "Landscape (16:9)",
  square: "Square (1:1)",
  portrait: "Portrait (9:16)",
};
const stages: Record<Stage, string> = {
  waiting: "Waiting for a free place",
  storyboard: "Planning the scenes",
  narration: "Recording the narration",
  drawing: "Drawing the frames",
  storing: "Saving the video",
};
const states: Record<VideoState, string> = {
  queued: "Waiting",
  running: "In progress",
  done: "Ready",
  failed: "Failed",
};
const titles: Record<View, string> = {
  create: "Create a video",
  byline: "Videos of this page",
  library: "Video library",
  macro: "Video",
  settings: "Golpo AI settings",
};

export const messages = {
  title: (view: View) => titles[view],
  loading: "Loading…",
  retry: "Try again",
  back: "Back to the list",
  createVideo: "Create video",
  failure: {
    title: "That did not work",
    titles: {
      admin_required: "For administrators only",
      page_changed: "The page has changed",
    } as Partial<Record<ErrorCode, string>>,
    noConnection: {
      message: "The app could not be reached.",
      action: "Check your connection, then try again. If it goes on, reload the page.",
    },
    tooLarge: {
      message: "The text is too long to send in one go.",
      action: "Shorten the script, or make a video of a selection of the page.",
    },
    noAnswer: {
      message: "The app answered with something that cannot be read.",
      action: "Reload the page. If it goes on, tell your site administrator.",
    },
    crashed: {
      message: "This view stopped because of an error in the app.",
      action: "Reload the page. If it goes on, tell your site administrator.",
    },
  },
  create: {
    fromPage:
      "This is exactly the text that will leave your site. Edit it as you like; people the page mentions are taken out again.",
    fromSelection:
      "This is exactly the text of your selection that will leave your site. Edit it as you like; people the page mentions are taken out again.",
    script: "Text of the video",
    videoTitle: "Title",
    heading: (number: number) => `Heading of section ${number}`,
    noHeading: "No heading",
    text: (number: number) => `Text of section ${number}`,
    options: "Options",
    size: (words: number, length: string) =>
      `${counted(words, "word", "words")}, about ${length} of narration`,
    loading: "Reading the page…",
    reloading: "Reading the page again…",
    sectionTime: (length: string) => `About ${length}`,
    loadNew: "Load the new text, keep my edits",
    loadedNew: (conflicts: number) =>
      conflicts === 0
        ? "The page's new text is loaded, with your edits in it."
        : `The page's new text is loaded, with your edits in it. ${counted(conflicts, "part was", "parts were")} changed by you and on the page: see below.`,
    titleConflict: "You and the page have both changed the title. Yours is kept.",
    conflict: "You and the page have both changed this section. Your text is kept.",
    pageSays: "What the page says now",
    pageLacks: "The page does not have this section any more.",
    takePage: "Use the page's text",
    sending: "Sending…",
    empty: "The text is empty. Write a title and at least one section.",
    noPage: "Open a page to make a video of it.",
    another: "Make another",
    keyMissing: {
      title: "An API key is needed first",
      message: "Videos can be made once a site administrator has entered the Golpo API key.",
      askAdmin: "Ask a site administrator to enter it in Confluence's settings, under Golpo AI.",
      asAdmin: "Open Confluence's settings, choose Golpo AI, and enter the key there.",
    },
  },
  options: {
    style: "Style",
    voice: "Voice",
    language: "Language",
    length: "Length",
    music: "Music",
    orientation: "Shape",
    keepCode: "Keep code listings",
    keepCodeHint: "Otherwise their language and length are told, and not their code.",
    recognised: (language: string) => `The page seems to be in ${language}.`,
    notOffered: (language: string) =>
      `The page seems to be in ${language}, for which no narration is offered.`,
    silent: "This video will have captions and no narration.",
    styles,
    voices,
    lengths,
    moods: music,
    orientations,
  },
  attachments: {
    title: "Attachments",
    open: (chosen: number) =>
      chosen === 0
        ? "Choose attachments to tell as well"
        : `${counted(chosen, "attachment is", "attachments are")} told behind the page`,
    loading: "Looking for attachments…",
    none: "This page has no attachments.",
    legend: "Attachments to tell behind the page",
    limits: (files: number, size: string) =>
      `At most ${files} files of ${size} each: txt, md, csv, pdf or docx. Their text is read, and people are taken out of it as well.`,
    about: (kind: string, size: string, reason: string | undefined) =>
      [kind, size, reason].filter(Boolean).join(" · "),
    kinds: {
      txt: "Text",
      markdown: "Markdown",
      csv: "Table (CSV)",
      pdf: "PDF",
      docx: "Word document",
    } satisfies Record<AttachmentKind, string>,
    problems: {
      tooLarge: (size: string) => `larger than ${size}`,
      unsupported: () => "text of this type cannot be read",
    } satisfies Record<AttachmentProblem, (size: string) => string>,
    full: (files: number) => `${files} are chosen already`,
    more: "The page has more attachments than are listed here.",
  },
  removals: {
    title: "Removed before sending",
    none: "Nothing had to be removed: no people were found in this text.",
    intro: (count: number) =>
      `${counted(count, "item that could identify a person was", "items that could identify a person were")} removed from the text.`,
    marked: "In the text, the words that now stand in their place have a dotted line.",
    some: (kind: RemovalKind, count: number) => counted(count, ...removalKinds[kind]),
    /** Where something stood, of a section with this heading and number. */
    where: (place: Place, heading: string, number: number) => {
      if (place === "title") return "in the title";
      return `in the ${places[place]} of ${heading ? `“${heading}”` : `section ${number}`}`;
    },
    here: (removals: Removal[]) =>
      `Removed from ${removals[0]?.place === "title" ? "the title" : "this section"}: ${removals.map(({ kind, count }) => counted(count, ...removalKinds[kind])).join(", ")}.`,
  },
  notes: {
    title: "Not told, or not fully",
    forLength: "To keep to the length that you chose:",
    leftOut: (heading: string) => `${section(heading)} is left out`,
    shortened: (heading: string) => `${section(heading)} is shortened`,
    times: (message: string, count: number) =>
      count > 1 ? `${message} (${count} times)` : message,
  },
  progress: {
    title: "Your video is being made",
    label: (percent: number) => `Video, ${percent} percent done`,
    percent: (percent: number) => `${percent}%`,
    stages,
    goesOn:
      "You can close this window. The work goes on, and the video appears in the page's byline and in the library.",
    unreachable: "The progress cannot be read at the moment. Trying again…",
    failed: "The video could not be made",
  },
  player: {
    video: (title: string) => `Video: ${title}`,
    captions: "Captions",
    chapters: "Chapters",
    seek: (title: string, time: string) => `Go to ${title} at ${time}`,
    download: "Download video",
    downloading: "Downloading…",
    notDownloaded: {
      message: "The video could not be downloaded.",
      action: "Check your connection, then try again.",
    },
    outOfDate: "The page has changed since this video was made.",
    broken: {
      message: "The video could not be loaded.",
      action: "Check your connection, then try again.",
    },
  },
  list: {
    caption: "Videos",
    columns: { title: "Title", state: "State", date: "Created", duration: "Duration" },
    states,
    outOfDate: "Out of date",
    mayBeOutOfDate: "May be out of date",
    open: (title: string) => `Open ${title}`,
    more: "Load more",
    noDuration: "–",
    empty: "No videos yet",
    emptyLibrary:
      "Open any page, choose the … menu at its top right, then “Create video with Golpo AI”. The video appears here.",
    emptyPage: "Make the first video of this page. You see the text before anything is sent.",
    emptyPicker: "There is no finished video to choose yet. Make one from a page's … menu first.",
  },
  macro: {
    none: "No video chosen",
    noneHint: "Edit the page and this macro's settings to choose the video that it plays.",
    pick: "Choose a video",
    pickHint: "This macro will play the video that you choose.",
    choose: (title: string) => `Choose ${title}`,
    cancel: "Cancel",
    cannotSubmit: {
      message: "The choice could not be saved.",
      action: "Close this dialog, open the macro's settings again and choose anew.",
    },
  },
  settings: {
    key: "Golpo API key",
    keyHint:
      "Paste the key from your Golpo account. It is kept encrypted and is never shown again. A new key replaces the saved one.",
    save: "Save key",
    saved: "The key was saved.",
    removed: "The key was removed.",
    remove: "Remove key",
    removeTitle: "Remove the API key?",
    removeText:
      "Nobody on this site can make new videos with Golpo until a key is entered again. Existing videos stay.",
    cancel: "Cancel",
    state: "State",
    absent: "No key is saved.",
    notNeeded: "No key is saved. The present video engine does not need one.",
    present: "A key is saved.",
    fingerprint: "Fingerprint",
    savedAt: "Saved",
    usage: "Usage this month",
    month: "Month",
    videos: "Videos made",
    length: "Video length",
    engine: "Video engine",
    engines: { local: "Local (on your backend)", golpo: "Golpo" } as Record<string, string>,
  },
};
