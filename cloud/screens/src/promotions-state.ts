import { effect, signal } from "@preact/signals";
import { Problem, read, send } from "../../../shared/screens/src/api";
import type { Alarm, AlarmPage, Family, PackView, PromotionPage, PromotionRow, State } from "./promotion-types";
import { office, session } from "./office";
import { place } from "./router";

const PAGE = 100;
const ALARMS_SHOWN = 20;
const SETTLE_MS = 250;

/** What the list is narrowed to. */
export const words = signal("");
export const family = signal<Family | "">("");
export const state = signal<State | "">("");

export const rows = signal<PromotionRow[] | null>(null);
export const more = signal<string | null>(null);
export const counts = signal({ total: 0, unpublished: 0 });
export const packs = signal<PackView[]>([]);
export const alarms = signal<Alarm[]>([]);
export const problem = signal<Problem | null>(null);

let asking = new AbortController();
let timer = 0;

export function followPromotions(): void {
  effect(() => {
    void [words.value, family.value, state.value];
    if (session.value !== "signed-in" || place.value.page !== "promotions" || place.value.path.length > 0) return;
    clearTimeout(timer);
    timer = window.setTimeout(() => void load(), rows.peek() === null ? 0 : SETTLE_MS);
  });
  effect(() => {
    // Head office says live how many alarms wait; what they are is asked for when that changes.
    void office.value?.promotion_alarms;
    if (session.value === "signed-in" && place.value.page === "promotions") void loadAlarms();
  });
}

export async function load(cursor: string | null = null): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const asked = new URLSearchParams({ query: words.value.trim(), limit: String(PAGE) });
  if (family.value) asked.set("family", family.value);
  if (state.value) asked.set("state", state.value);
  if (cursor !== null) asked.set("cursor", cursor);
  try {
    const [page, published] = await Promise.all([
      read<PromotionPage>(`/api/promotions?${asked}`, asking.signal),
      read<{ packs: PackView[] }>("/api/promotions/packs?limit=5", asking.signal),
    ]);
    rows.value = cursor === null ? page.promotions : [...(rows.value ?? []), ...page.promotions];
    more.value = page.next;
    counts.value = { total: page.total, unpublished: page.unpublished };
    packs.value = published.packs;
    problem.value = null;
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
  }
}

export async function loadAlarms(): Promise<void> {
  try {
    alarms.value = (await read<AlarmPage>(`/api/promotions/alarms?waiting=true&limit=${ALARMS_SHOWN}`)).alarms;
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
  }
}

export async function acknowledge(orderId: string): Promise<void> {
  try {
    await send("POST", `/api/promotions/alarms/${encodeURIComponent(orderId)}/acknowledgement`);
    await loadAlarms();
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
  }
}
