// Numbers and dates as people read them, in their language.

import { fill, locale } from "./i18n";
import { messages } from "./messages";

/** A duration in seconds as `m:ss` or `h:mm:ss`, in whole seconds begun, as players count. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

/** A whole number. */
export function number(count: number): string {
  return count.toLocaleString(locale());
}

/** A timestamp in the reader's own time zone. */
export function date(timestamp: string): string {
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(locale(), style).format(new Date(timestamp));
}

/** A month given as `YYYY-MM`. */
export function month(text: string): string {
  const style = { month: "long", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(locale(), style).format(new Date(`${text}-01T00:00:00Z`));
}

/** A size in bytes as people say it, in steps of 1,024. */
export function bytes(count: number): string {
  const steps = [messages.bytes, messages.kilobytes, messages.megabytes, messages.gigabytes];
  let size = count;
  let step = 0;
  while (size >= 1023.5 && step < steps.length - 1) {
    size /= 1024;
    step += 1;
  }
  const rounded = size < 9.95 ? Math.round(size * 10) / 10 : Math.round(size);
  return fill(steps[step] ?? messages.bytes, { size: rounded });
}

/** A language tag by its name in the reader's language. */
export function language(tag: string): string {
  return new Intl.DisplayNames([locale()], { type: "language" }).of(tag) ?? tag;
}
