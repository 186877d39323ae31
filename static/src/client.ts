// The one way from the Custom UI to the resolver. Whatever happens on the way, the caller gets an
// Answer: a refusal is a value, and so is a bridge that throws.

import { invoke } from "@forge/bridge";
import { messages } from "./messages";
import {
  type Answer,
  type Attachments,
  type Context,
  type CreateVideo,
  type Failure,
  type ListAttachments,
  type ListVideos,
  type Operation,
  type Preview,
  type PreviewAnswer,
  type SaveApiKey,
  type Settings,
  UI_VERSION,
  type Video,
  type VideoStatus,
  type VideoStatusAnswer,
  type Videos,
} from "./protocol";

/** What each operation takes and gives. */
interface Operations extends Record<Operation, { payload: object | undefined; ok: unknown }> {
  context: { payload: undefined; ok: Context };
  preview: { payload: Preview; ok: PreviewAnswer };
  listAttachments: { payload: ListAttachments; ok: Attachments };
  createVideo: { payload: CreateVideo; ok: Video };
  videoStatus: { payload: VideoStatus; ok: VideoStatusAnswer };
  listVideos: { payload: ListVideos; ok: Videos };
  saveApiKey: { payload: SaveApiKey; ok: Settings };
  removeApiKey: { payload: undefined; ok: Settings };
  settings: { payload: undefined; ok: Settings };
}

type Payload<O extends Operation> = Operations[O]["payload"];
export type Ok<O extends Operation> = Operations[O]["ok"];

/** What Forge takes in one call (500 KB), less some room for what it adds itself. */
const MAX_PAYLOAD_BYTES = 499_000;

/** Calls an operation. Never rejects. */
export async function call<O extends Operation>(
  operation: O,
  ...[payload]: Payload<O> extends undefined ? [] : [payload: Payload<O>]
): Promise<Answer<Ok<O>>> {
  try {
    const sent = { ...payload, uiVersion: UI_VERSION };
    if (new TextEncoder().encode(JSON.stringify(sent)).length > MAX_PAYLOAD_BYTES) {
      return { error: { code: "too_large", ...messages.failure.tooLarge } };
    }
    const answer: unknown = await invoke(operation, sent);
    return isAnswer<Ok<O>>(answer) ? answer : { error: unreachable(messages.failure.noAnswer) };
  } catch {
    // The bridge's own words speak to developers; the person gets a sentence to act on.
    return { error: unreachable(messages.failure.noConnection) };
  }
}

function unreachable({ message, action }: { message: string; action: string }): Failure {
  return { code: "internal", message, action };
}

function isAnswer<T>(value: unknown): value is Answer<T> {
  if (typeof value !== "object" || value === null) return false;
  if ("ok" in value) return true;
  if (!("error" in value)) return false;
  const error = value.error as Partial<Failure> | null;
  return (
    typeof error?.code === "string" &&
    typeof error.message === "string" &&
    typeof error.action === "string"
  );
}
