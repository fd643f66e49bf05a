import { signal } from "@preact/signals";

const FORGOTTEN_AFTER_MS = 60_000; // without a touch or a key

/** Who of the staff is at this screen. Kept by the page alone, and for a moment only: the daemon checks the key. */
export interface Staff {
  name: string;
  key: string;
}

export const staff = signal<Staff | null>(null);

let timer = 0;

export function signIn(who: Staff): void {
  staff.value = who;
  restart();
  document.addEventListener("pointerdown", restart);
  document.addEventListener("keydown", restart);
}

export function signOut(): void {
  clearTimeout(timer);
  document.removeEventListener("pointerdown", restart);
  document.removeEventListener("keydown", restart);
  staff.value = null;
}

function restart(): void {
  clearTimeout(timer);
  timer = window.setTimeout(signOut, FORGOTTEN_AFTER_MS);
}
