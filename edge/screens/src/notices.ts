import { signal } from "@preact/signals";
import { Problem } from "../../../shared/screens/src/api";
import { playTrouble } from "./sound";

const SHOWN_MS = 6000;

export interface Told {
  code: string;
  title: string;
  hint: string;
  facts?: Record<string, unknown>;
}

/** What went wrong with the last scan or touch; shown for a moment, newest wins. */
export const notice = signal<Told | null>(null);

let timer = 0;

export function tellNotice(told: Told): void {
  clearTimeout(timer);
  notice.value = told;
  timer = window.setTimeout(clearNotice, SHOWN_MS);
  playTrouble();
}

export function clearNotice(): void {
  notice.value = null;
}

/** Show a refused request as a notice; anything else is our own mistake and is thrown on. */
export function tellProblem(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  // The daemon being away is shown by the whole screen.
  if (error.status !== 0) tellNotice(error);
}
