// Numbers and dates as people read them.

/** A duration in seconds as `m:ss` or `h:mm:ss`, in whole seconds begun, as players count. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

const dates = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
const months = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const languages = new Intl.DisplayNames(["en"], { type: "language" });

/** A timestamp in the reader's own time zone. */
export function date(timestamp: string): string {
  return dates.format(new Date(timestamp));
}

/** A month given as `YYYY-MM`. */
export function month(text: string): string {
  return months.format(new Date(`${text}-01T00:00:00Z`));
}

/** A size in bytes as people say it, in steps of 1,024. */
export function bytes(count: number): string {
  if (count < 1024) return `${count} B`;
  const steps = ["KB", "MB", "GB"];
  let size = count / 1024;
  let step = 0;
  while (size >= 1023.5 && step < steps.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${size < 9.95 ? Math.round(size * 10) / 10 : Math.round(size)} ${steps[step]}`;
}

/** A language tag by its English name. */
export function language(tag: string): string {
  return languages.of(tag) ?? tag;
}
