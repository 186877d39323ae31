// What the keys do while the focus is in the player. Only there: a page that is read keeps its keys
// (WCAG 2.1.4).

/** What can be done to what plays; the keys and the buttons below the picture do the same. */
export interface PlayerActions {
  toggle: () => void;
  /** Forwards, or backwards where it is negative. */
  skip: (seconds: number) => void;
  seekTo: (seconds: number) => void;
  louder: (by: number) => void;
  mute: () => void;
  captions: () => void;
  fullscreen: () => void;
  /** In a small window above the others, or back. */
  picture: () => void;
  /** To the next speed, or to the one before. */
  faster: (steps: 1 | -1) => void;
}

/** The speeds that are offered. */
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** The speed so many steps on; the last one stays. */
export function nextSpeed(speed: number, steps: 1 | -1): number {
  const index = SPEEDS.indexOf(speed);
  return SPEEDS[Math.min(Math.max(index + steps, 0), SPEEDS.length - 1)] ?? 1;
}

const KEYS: Record<string, (actions: PlayerActions) => void> = {
  " ": (it) => it.toggle(),
  k: (it) => it.toggle(),
  j: (it) => it.skip(-10),
  l: (it) => it.skip(10),
  ArrowLeft: (it) => it.skip(-5),
  ArrowRight: (it) => it.skip(5),
  ArrowUp: (it) => it.louder(0.1),
  ArrowDown: (it) => it.louder(-0.1),
  Home: (it) => it.seekTo(0),
  m: (it) => it.mute(),
  c: (it) => it.captions(),
  f: (it) => it.fullscreen(),
  p: (it) => it.picture(),
  "<": (it) => it.faster(-1),
  ">": (it) => it.faster(1),
};

interface Pressed {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  target: EventTarget;
  preventDefault: () => void;
}

/** Does what a key stands for. A control that has the focus keeps the keys that it uses itself. */
export function pressed(event: Pressed, actions: PlayerActions): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const act = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  const target = event.target instanceof Element ? event.target : undefined;
  if (!act || (target && usesItself(target, key))) return;
  event.preventDefault();
  act(actions);
}

function usesItself(target: Element, key: string): boolean {
  if (target.matches("select")) return true;
  if (target.matches("input")) return key.startsWith("Arrow") || key === "Home";
  return target.matches("button, a, summary") && key === " ";
}
