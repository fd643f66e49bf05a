import { signal } from "@preact/signals";
import { locale, t, whole } from "./messages";

const STEPS = [
  ["time.days", 86_400],
  ["time.hours", 3600],
  ["time.minutes", 60],
] as const;

/** Ticks each second, for everything that shows an age. */
export const tick = signal(performance.now());
setInterval(() => (tick.value = performance.now()), 1000);

/** A length of time in its largest unit: "12 s", "5 min". */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  for (const [key, length] of STEPS) {
    if (seconds >= length) return t(key, { count: whole(Math.floor(seconds / length)) });
  }
  return t("time.seconds", { count: whole(seconds) });
}

export function ago(ms: number): string {
  return ms < 1000 ? t("time.now") : t("time.ago", { age: age(ms) });
}

/** Time of day, with the date before it unless it was today. */
export function moment(at: string, now: number): string {
  return shown(at, now, { second: "2-digit" });
}

/** The same without seconds. */
export function minute(at: string, now: number): string {
  return shown(at, now, {});
}

function shown(at: string, now: number, more: Intl.DateTimeFormatOptions): string {
  const when = new Date(at);
  const isToday = when.toDateString() === new Date(now).toDateString();
  return new Intl.DateTimeFormat(locale.value, {
    ...(isToday ? {} : { day: "2-digit", month: "short", ...(isThisYear(when, now) ? {} : { year: "numeric" }) }),
    hour: "2-digit",
    minute: "2-digit",
    ...more,
  }).format(when);
}

function isThisYear(when: Date, now: number): boolean {
  return when.getFullYear() === new Date(now).getFullYear();
}

/** Date and time in full. */
export function fullMoment(at: string): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}
