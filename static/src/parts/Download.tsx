// Saves a video as a file. Forge's frame is sandboxed: a link out of it does nothing, and a browser
// ignores a file name on another host's address. So the file is fetched and saved from here.

import { LinkButton } from "@atlaskit/button/new";
import { type MouseEvent, useState } from "react";
import { messages } from "../messages";
import { FailureMessage } from "./FailureMessage";

/** How long the browser may take to begin saving before the bytes are let go. */
const RELEASE_MS = 60_000;

export function Download({ url, title }: { url: string; title: string }) {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const name = `${title}.mp4`;
  const save = async () => {
    setState("busy");
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`status ${response.status}`);
      const address = URL.createObjectURL(await response.blob());
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  const onClick = (event: MouseEvent) => {
    event.preventDefault();
    if (state !== "busy") void save();
  };
  return (
    <div className="download">
      {state === "failed" && (
        <FailureMessage
          failure={{ code: "media_link_expired", ...messages.player.notDownloaded }}
          onRetry={save}
        />
      )}
      <div className="buttons">
        <LinkButton href={url} download={name} onClick={onClick}>
          {messages.player.download}
        </LinkButton>
        <span className="hint" aria-live="polite">
          {state === "busy" && messages.player.downloading}
        </span>
      </div>
    </div>
  );
}
