import { act, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { messages } from "./messages";
import { Player } from "./parts/Player";
import { nextSpeed } from "./player-keys";
import { done, media } from "./test/samples";

/** What jsdom does not do: a video that plays, and a track that was read. */
function show(onRenew = () => undefined) {
  const shown = render(<Player video={done} media={media} onRenew={onRenew} />);
  const video = screen.getByTestId<HTMLVideoElement>("player");
  let paused = true;
  Object.defineProperties(video, {
    paused: { get: () => paused },
    duration: { value: 65 },
  });
  video.play = async () => {
    paused = false;
    fireEvent.play(video);
  };
  video.pause = () => {
    paused = true;
    fireEvent.pause(video);
  };
  const track = { mode: "showing", cues: [cue(0, "The owner calls."), cue(30, "A & B\nmeet.")] };
  const element = video.querySelector("track") as HTMLTrackElement;
  Object.defineProperty(element, "track", { value: track });
  fireEvent.loadedMetadata(video);
  act(() => void element.dispatchEvent(new Event("load")));
  return { ...shown, video, track };
}

const words = messages.player;
const cue = (startTime: number, text: string) => ({ startTime, text });

beforeEach(() => {
  Object.defineProperty(document, "fullscreenEnabled", { value: true, configurable: true });
});

describe("keys", () => {
  test("play, pause, seek, mute, captions, speed and full screen where the focus is in the player", async () => {
    const person = userEvent.setup();
    const { video, track } = show();
    const full = vi.fn(async () => undefined);
    (video.parentElement as HTMLElement).requestFullscreen = full;
    await person.click(video);
    expect(video.paused).toBe(false);
    await person.keyboard(" ");
    expect(video.paused).toBe(true);
    await person.keyboard("k");
    expect(video.paused).toBe(false);
    await person.keyboard("l");
    expect(video.currentTime).toBe(10);
    await person.keyboard("{ArrowRight}");
    expect(video.currentTime).toBe(15);
    await person.keyboard("{ArrowLeft}j");
    expect(video.currentTime).toBe(0);
    await person.keyboard("j");
    expect(video.currentTime).toBe(0);
    await person.keyboard("{ArrowDown}");
    expect(video.volume).toBe(0.9);
    await person.keyboard("m");
    expect(video.muted).toBe(true);
    expect(screen.getByText(words.muted)).toBeTruthy();
    await person.keyboard("c");
    expect(track.mode).toBe("hidden");
    expect(screen.getByText(words.captionsOff)).toBeTruthy();
    await person.keyboard("C");
    expect(track.mode).toBe("showing");
    await person.keyboard(">>");
    expect(video.playbackRate).toBe(1.5);
    await person.keyboard("<");
    expect(video.playbackRate).toBe(1.25);
    expect(screen.getByLabelText(words.speed)).toHaveProperty("value", "1.25");
    await person.keyboard("f");
    expect(full).toHaveBeenCalledOnce();
  });

  test("with a modifier, and outside the player, are none of ours", async () => {
    const person = userEvent.setup();
    const { video } = show();
    await person.keyboard("k");
    expect(video.paused).toBe(true);
    act(() => video.focus());
    await person.keyboard("{Control>}k{/Control}");
    expect(video.paused).toBe(true);
    await person.keyboard("k");
    expect(video.paused).toBe(false);
  });

  test("a button keeps its space and a slider its arrows", async () => {
    const person = userEvent.setup();
    const { video } = show();
    act(() => screen.getByRole("button", { name: words.mute }).focus());
    await person.keyboard(" ");
    expect(video.muted).toBe(true);
    expect(video.paused).toBe(true);
    act(() => screen.getByLabelText(words.volume).focus());
    await person.keyboard("{ArrowRight}");
    expect(video.currentTime).toBe(0);
    act(() => screen.getByLabelText(words.position).focus());
    await person.keyboard("{ArrowRight}");
    expect(video.currentTime).toBe(5);
  });

  test("the last speed stays", () => {
    expect(nextSpeed(2, 1)).toBe(2);
    expect(nextSpeed(0.5, -1)).toBe(0.5);
    expect(nextSpeed(1, -1)).toBe(0.75);
  });
});

describe("the transcript", () => {
  test("has every line and plays from the one that is chosen", async () => {
    const { video } = show();
    const transcript = screen.getByTestId("transcript");
    transcript.setAttribute("open", "");
    const [first, second] = within(transcript).getAllByRole("button");
    expect(second?.textContent).toBe("0:30A & B meet.");
    expect(first?.getAttribute("aria-current")).toBe("true");
    await userEvent.click(second as HTMLElement);
    expect(video.currentTime).toBe(30);
    expect(video.paused).toBe(false);
    expect(second?.getAttribute("aria-current")).toBe("true");
    expect(first?.hasAttribute("aria-current")).toBe(false);
  });

  test("stays while the captions are off", async () => {
    const { video } = show();
    act(() => video.focus());
    await userEvent.keyboard("c");
    expect(screen.getByTestId("transcript")).toBeTruthy();
  });
});

describe("new addresses", () => {
  test("after an error go on at the place, the speed and playing", async () => {
    const person = userEvent.setup();
    const renew = vi.fn();
    const { video, rerender } = show(renew);
    await person.click(video);
    await person.keyboard("l>");
    expect(video.currentTime).toBe(10);
    fireEvent.error(video);
    expect(renew).toHaveBeenCalledOnce();
    expect(screen.queryByRole("alert")).toBeNull();
    // What a browser does with a new address.
    video.pause();
    video.currentTime = 0;
    video.playbackRate = 1;
    const later = { ...media, videoUrl: "http://127.0.0.1:1/media/video.mp4?signature=new" };
    rerender(<Player video={done} media={later} onRenew={renew} />);
    fireEvent.loadedMetadata(video);
    await waitFor(() => expect(video.paused).toBe(false));
    expect(video.currentTime).toBe(10);
    expect(video.playbackRate).toBe(1.25);
  });
});
