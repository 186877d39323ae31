// Generated from crates/protocol by `cargo xtask build`. Do not edit.

// Sent with every call, so that a window that stayed open over an update is told so.
export const UI_VERSION = 1;

export type Answer<T> = { "ok": T } | { "error": Failure };

export type ApiKeyState = { 
/**
 * Whether the site has a key.
 */
present: boolean, 
/**
 * The first eight hexadecimal digits of a keyed hash of the key: enough to tell two keys
 * apart, useless for guessing one.
 */
fingerprint: string | null, 
/**
 * When it was saved.
 */
savedAt: Timestamp | null, 
/**
 * Why Golpo does not take it, where it said so: nothing is sent until that is mended.
 */
problem?: Failure, 
/**
 * Whether Golpo took it just now, where it was asked and answered.
 */
works?: boolean, 
/**
 * What the key's account has left, in Golpo's credits, where it was asked and told.
 */
credits?: number, };

export type Attachment = { 
/**
 * The id.
 */
id: AttachmentId, 
/**
 * The file's name.
 */
name: string, 
/**
 * Its media type as Confluence tells it.
 */
mediaType: string, 
/**
 * Its size.
 */
bytes: number, 
/**
 * Its kind, where it is one that can be told.
 */
kind: AttachmentKind | null, 
/**
 * Why it cannot be chosen, if it cannot.
 */
problem: AttachmentProblem | null, };

export type AttachmentId = string;

export type AttachmentKind = "txt" | "markdown" | "csv" | "pdf" | "docx";

export type AttachmentProblem = "tooLarge" | "unsupported";

export type Attachments = { 
/**
 * In Confluence's order.
 */
attachments: Array<Attachment>, 
/**
 * Whether there are more than were listed.
 */
more: boolean, 
/**
 * The most bytes of a file that can be chosen.
 */
maxBytes: number, 
/**
 * How many files can be chosen.
 */
maxChosen: number, };

export type Chapter = { 
/**
 * Where it begins, in milliseconds.
 */
startMs: number, 
/**
 * The section's heading.
 */
title: string, };

export type Context = { 
/**
 * The view to show.
 */
view: View, 
/**
 * The page it is on, if any.
 */
pageId: PageId | null, 
/**
 * The text selected on the page, where the user chose the context menu's action.
 */
selection: string | null, 
/**
 * The video that the macro shows, if one was chosen.
 */
videoId: VideoId | null, 
/**
 * Whether the user administers the site; for what is shown only, each operation checks again.
 */
isAdmin: boolean, 
/**
 * The site.
 */
site: Site, };

export type CreateVideo = { 
/**
 * The page.
 */
pageId: PageId, 
/**
 * The version that the preview showed.
 */
pageVersion: number, 
/**
 * The fingerprint that the preview gave.
 */
sourceFingerprint?: Fingerprint, 
/**
 * The script as the user left it.
 */
script: Script, 
/**
 * What was chosen.
 */
options?: VideoOptions, 
/**
 * The attachments that the preview told, so that people whom only they name are known.
 */
attachmentIds?: Array<AttachmentId>, 
/**
 * A UUID made once per wish by the Custom UI, so that a repeated call makes no second video.
 */
requestId: VideoId, };

export type Edits = { 
/**
 * The earlier preview's script.
 */
base: Script, 
/**
 * What became of it.
 */
edited: Script, };

export type EngineDescription = { 
/**
 * `local` or `golpo`.
 */
name: string, 
/**
 * Whether a video can be made only with an API key.
 */
requiresApiKey: boolean, 
/**
 * What it offers.
 */
options: OptionCatalogue, };

export type ErrorCode = "unknown_operation" | "invalid_request" | "too_large" | "scope_missing" | "sign_in_required" | "licence_inactive" | "version_mismatch" | "no_page" | "admin_required" | "api_key_missing" | "api_key_invalid" | "page_not_found" | "page_forbidden" | "page_empty" | "page_changed" | "page_unreadable" | "attachment_not_found" | "attachment_too_large" | "attachment_unsupported" | "attachment_encrypted" | "attachment_unreadable" | "attachment_without_text" | "confluence_unavailable" | "storage_unavailable" | "backend_unavailable" | "token_expired" | "token_invalid" | "video_not_found" | "deletion_not_found" | "video_not_ready" | "media_link_invalid" | "media_link_expired" | "idempotency_conflict" | "engine_failed" | "api_key_refused" | "engine_plan" | "engine_busy" | "engine_unavailable" | "engine_timed_out" | "engine_unclear" | "video_cancelled" | "video_ended" | "allowance_used" | "site_suspended" | "site_deleting" | "service_paused" | "app_blocked" | "rate_limited" | "not_found" | "internal";

export type Failure = { 
/**
 * The stable code.
 */
code: ErrorCode, 
/**
 * What happened, in a sentence or two.
 */
message: string, 
/**
 * What to do about it.
 */
action: string, };

export type Fingerprint = string;

export type Language = string;

export type LeftOut = { 
/**
 * The heading, without people; may be empty.
 */
heading: string, 
/**
 * The index of what is left of it in the script; `None` where it is gone.
 */
section: number | null, };

export type Length = "auto" | "seconds30" | "minute1" | "minutes2" | "minutes4";

export type ListAttachments = { 
/**
 * The page.
 */
pageId: PageId, };

export type ListVideos = { 
/**
 * Of this page alone.
 */
pageId?: PageId, 
/**
 * Go on after an earlier answer.
 */
cursor?: string, };

export type Media = { 
/**
 * The MP4; answers byte ranges.
 */
videoUrl: string, 
/**
 * The captions as WebVTT.
 */
captionsUrl: string, 
/**
 * The poster as PNG.
 */
posterUrl: string, 
/**
 * The chapters.
 */
chapters: Array<Chapter>, 
/**
 * When the addresses stop working.
 */
expiresAt: Timestamp, };

export type Merged = { 
/**
 * The script.
 */
script: Script, 
/**
 * The indices of its sections where the person and the page changed the same lines, or one of
 * them deleted what the other changed. What the person wrote is kept.
 */
conflicts: Array<number>, 
/**
 * Whether both gave it another title; the person's is kept.
 */
titleConflicts: boolean, };

export type Music = "none" | "jazz" | "lofi" | "dramatic" | "whimsical" | "engaging" | "inspirational" | "documentary";

export type Operation = "context" | "preview" | "listAttachments" | "createVideo" | "videoStatus" | "listVideos" | "saveApiKey" | "removeApiKey" | "settings";

export type OptionCatalogue = { 
/**
 * Looks.
 */
styles: Array<Style>, 
/**
 * Narrators; empty where the engine makes silent videos.
 */
voices: Array<Voice>, 
/**
 * Languages.
 */
languages: Array<Language>, 
/**
 * Lengths.
 */
lengths: Array<Length>, 
/**
 * Music.
 */
music: Array<Music>, 
/**
 * Shapes.
 */
orientations: Array<Orientation>, };

export type Orientation = "landscape" | "square" | "portrait";

export type PageId = string;

export type PageWarning = { 
/**
 * What happened.
 */
kind: PageWarningKind, 
/**
 * The node type or macro it happened to; empty where there is none.
 */
name: string, 
/**
 * How often.
 */
count: number, 
/**
 * A sentence on it.
 */
message: string, };

export type PageWarningKind = "unknownNode" | "unknownMark" | "unknownMacro" | "tooDeep" | "brokenMarkup" | "cut" | "notIncluded" | "unknownVersion";

export type Preview = { 
/**
 * The page.
 */
pageId: PageId, 
/**
 * The selected text, to make a video of it alone; at most 50,000 characters.
 */
selection?: string, 
/**
 * Tell code as it stands, and not only its language and length.
 */
keepCode?: boolean, 
/**
 * The length to cut the script to.
 */
length?: Length, 
/**
 * The attachments to tell behind the page, in this order; at most [`crate::Attachment::MAX_CHOSEN`].
 */
attachmentIds?: Array<AttachmentId>, 
/**
 * What was written since an earlier preview, to be kept.
 */
edits?: Edits, };

export type PreviewAnswer = { 
/**
 * The page.
 */
pageId: PageId, 
/**
 * Its version.
 */
pageVersion: number, 
/**
 * The text that will leave the site, unless it is edited.
 */
script: Script, 
/**
 * What was removed, in reading order.
 */
removals: Array<Removal>, 
/**
 * What stands in the script instead of people, in the script's language, so that it can be
 * marked there.
 */
neutralPhrases: Array<string>, 
/**
 * The narration of each section; the title counts to the first.
 */
sections: Array<SectionTime>, 
/**
 * Words of the script.
 */
words: number, 
/**
 * Seconds of narration at 150 words a minute.
 */
estimatedSeconds: number, 
/**
 * What the length that was chosen leaves out, in reading order.
 */
leftOut: Array<LeftOut>, 
/**
 * What may be missed of the page.
 */
warnings: Array<PageWarning>, 
/**
 * The page's language (ISO 639-1), where it was recognised.
 */
language: string | null, 
/**
 * What the page says, to find out later whether that has changed.
 */
fingerprint: Fingerprint, 
/**
 * The script with the edits that were sent; none where none were.
 */
merged: Merged | null, };

export type Place = "title" | "heading" | "prose" | "list" | "task" | "table" | "code" | "picture";

export type Removal = { 
/**
 * The kind.
 */
kind: RemovalKind, 
/**
 * The place.
 */
place: Place, 
/**
 * The index of the script's section; `None` for the title.
 */
section: number | null, 
/**
 * How many there were.
 */
count: number, };

export type RemovalKind = "mention" | "peopleLink" | "peopleMacro" | "name" | "email" | "accountId";

export type SaveApiKey = { 
/**
 * The key.
 */
apiKey: string, };

export type Script = { title: string, sections: Array<ScriptSection>, };

export type ScriptSection = { 
/**
 * The heading; empty for text before the first heading.
 */
heading: string, 
/**
 * The lines.
 */
text: string, };

export type SectionTime = { 
/**
 * Its words.
 */
words: number, 
/**
 * Seconds at 150 words a minute.
 */
seconds: number, };

export type Settings = { 
/**
 * The site.
 */
site: Site, };

export type Site = { 
/**
 * The engine.
 */
engine: EngineDescription, 
/**
 * The API key's state.
 */
apiKey: ApiKeyState, 
/**
 * This month's usage.
 */
usage: Usage, };

export type Stage = "waiting" | "storyboard" | "narration" | "drawing" | "storing";

export type Style = "whiteboard" | "chalkboard" | "modernMinimal";

export type Timestamp = string;

export type Usage = { 
/**
 * The month as `YYYY-MM`.
 */
month: string, 
/**
 * Videos finished.
 */
videos: number, 
/**
 * Seconds of finished video.
 */
seconds: number, };

export type Video = { 
/**
 * The id.
 */
id: VideoId, 
/**
 * The page it was made from.
 */
pageId: PageId, 
/**
 * That page's version then.
 */
pageVersion: number, 
/**
 * What the page said then; absent of videos from before there were fingerprints.
 */
sourceFingerprint: Fingerprint | null, 
/**
 * The title.
 */
title: string, 
/**
 * Where it stands.
 */
state: VideoState, 
/**
 * What is being done.
 */
stage: Stage, 
/**
 * 0 to 100 over all stages; never falls.
 */
percent: number, 
/**
 * Why it failed; of one that is not done, what it waits for.
 */
failure: Failure | null, 
/**
 * What was chosen.
 */
options: VideoOptions, 
/**
 * When it was asked for.
 */
createdAt: Timestamp, 
/**
 * When it was done or failed.
 */
finishedAt: Timestamp | null, 
/**
 * How long it plays, in milliseconds, once done.
 */
durationMs: number | null, 
/**
 * Who made it, once done: `local` or `golpo`; absent of videos from before that was kept.
 */
engine?: string, };

export type VideoId = string;

export type VideoOptions = { 
/**
 * The look.
 */
style: Style, 
/**
 * The narrator.
 */
voice: Voice, 
/**
 * The language of narration and captions.
 */
language: Language, 
/**
 * The length.
 */
length: Length, 
/**
 * The music.
 */
music: Music, 
/**
 * The shape of the picture.
 */
orientation: Orientation, };

export type VideoState = "queued" | "running" | "done" | "failed";

export type VideoStatus = { 
/**
 * The video.
 */
videoId: VideoId, };

export type VideoStatusAnswer = { 
/**
 * The video.
 */
video: Video, 
/**
 * Its files.
 */
media: Media | null, 
/**
 * Whether the page says something else than when the video was asked for; told of finished
 * videos alone.
 */
outOfDate: boolean, };

export type Videos = { 
/**
 * Newest first. May be empty though `next_cursor` is there.
 */
videos: Array<Video>, 
/**
 * The ids among them whose page says something else now.
 */
outOfDate: Array<VideoId>, 
/**
 * The ids among them whose page was saved anew and was not read to see what changed.
 */
mayBeOutOfDate: Array<VideoId>, 
/**
 * Ask with this for more.
 */
nextCursor: string | null, };

export type View = "create" | "byline" | "library" | "macro" | "settings";

export type Voice = "female1" | "female2" | "male1" | "male2";
