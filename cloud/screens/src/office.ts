import { computed, effect, signal } from "@preact/signals";
import { Problem, read, send } from "../../../shared/screens/src/api";
import { follow, type Live } from "../../../shared/screens/src/live";
import { tick } from "../../../shared/screens/src/time";
import type { OfficeView } from "./api-types";

const RETRY_MS = 2000;
const REFRESH_MS = 1000;

export type Session = "asking" | "signed-in" | "signed-out";

export const session = signal<Session>("asking");
export const office = signal<OfficeView | null>(null);
export const connected = signal(false);

/** When the present picture came, on the page's own clock. */
const takenAt = signal(0);
/** Head office's clock, so that a wrong clock of this computer makes no store look silent. */
export const now = computed(() => Date.parse(office.value?.now ?? "") + tick.value - takenAt.value);
/** Grows when something may have changed, at most every second: for lists that read themselves again. */
export const freshness = signal(0);
/** What was true when the connection was last there. */
export const sureAt = signal(0);

let live: Live | null = null;
let refreshing = 0;
let refreshedAt = -REFRESH_MS;
let stopWatching = () => {};

export async function start(): Promise<void> {
  const key = keyFromAddress();
  if (key !== null) await signIn(key).catch(() => {});
  if (session.value === "asking") await enter();
}

export async function signIn(key: string): Promise<void> {
  try {
    await send("POST", "/api/session", { key });
    await enter();
  } catch (error) {
    session.value = "signed-out";
    throw error;
  }
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/api/session");
  leave();
}

/** A link from the installer can carry the key; it must not stay in the address or the history. */
function keyFromAddress(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key;
}

async function enter(): Promise<void> {
  try {
    take(await read<OfficeView>("/api/office"));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) leave();
    else setTimeout(() => void enter(), RETRY_MS);
    return;
  }
  session.value = "signed-in";
  live?.close();
  live = follow<OfficeView>("/api/office", take, leave);
  const followed = live;
  stopWatching();
  stopWatching = effect(() => {
    connected.value = followed.connected.value;
  });
}

function leave(): void {
  live?.close();
  live = null;
  stopWatching();
  office.value = null;
  session.value = "signed-out";
}

function take(view: OfficeView): void {
  takenAt.value = performance.now();
  sureAt.value = Date.now();
  office.value = view;
  refreshSoon();
}

/** The first picture is told at once, those that follow quickly by one more: nothing is missed, and no list is read twice a second. */
function refreshSoon(): void {
  if (refreshing !== 0) return;
  const wait = Math.max(0, refreshedAt + REFRESH_MS - performance.now());
  refreshing = window.setTimeout(() => {
    refreshing = 0;
    refreshedAt = performance.now();
    freshness.value += 1;
  }, wait);
}
