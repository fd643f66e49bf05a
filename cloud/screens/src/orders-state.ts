import { computed, effect, signal } from "@preact/signals";
import { Problem, read } from "../../../shared/screens/src/api";
import type { OrderPage, OrderRow } from "./api-types";
import { office, session } from "./office";
import { place } from "./router";

const PAGE = 50;
const MARK_MS = 2500;

/** The orders that fit the address, newest first; null until the first answer. */
export const rows = signal<OrderRow[] | null>(null);
export const older = signal<string | null>(null);
export const problem = signal<Problem | null>(null);
/** Orders that came while the page was looking; they are marked for a moment. */
export const arrived = signal<ReadonlySet<string>>(new Set());

const filter = computed(() => `${place.value.store} ${place.value.query}`);
let asking = new AbortController();

export function followOrders(): void {
  effect(() => {
    void filter.value;
    if (session.value === "signed-in") void load();
  });
  effect(() => {
    if (office.value !== null) merge(office.value.orders);
  });
}

export async function load(cursor: string | null = null): Promise<void> {
  asking.abort();
  asking = new AbortController();
  const { query, store } = place.peek();
  const asked = new URLSearchParams({ query, limit: String(PAGE) });
  if (store) asked.set("store_id", store);
  if (cursor !== null) asked.set("cursor", cursor);
  try {
    const page = await read<OrderPage>(`/api/orders?${asked}`, asking.signal);
    rows.value = cursor === null ? page.orders : [...(rows.value ?? []), ...without(page.orders, rows.value ?? [])];
    older.value = page.next;
    problem.value = null;
  } catch (error) {
    if (error instanceof Problem) problem.value = error;
  }
}

/** Put the newest orders on top of the list, unless a search shows something else. */
function merge(latest: OrderRow[]): void {
  const present = rows.peek();
  const { query, store } = place.peek();
  if (present === null || query) return;
  const fitting = latest.filter((row) => !store || row.store_id === store);
  const fresh = without(fitting, present);
  // More came than the live picture holds: what is between is only known to the server.
  if (fresh.length > 0 && fresh.length === fitting.length && present.length > 0) {
    void load();
    return;
  }
  const newest = new Map(fitting.map((row) => [row.id, row]));
  rows.value = [...fresh, ...present.map((row) => newest.get(row.id) ?? row)];
  mark(fresh);
}

function mark(fresh: OrderRow[]): void {
  if (fresh.length === 0) return;
  const ids = fresh.map((row) => row.id);
  arrived.value = new Set([...arrived.peek(), ...ids]);
  setTimeout(() => (arrived.value = new Set([...arrived.peek()].filter((id) => !ids.includes(id)))), MARK_MS);
}

function without(some: OrderRow[], present: OrderRow[]): OrderRow[] {
  const known = new Set(present.map((row) => row.id));
  return some.filter((row) => !known.has(row.id));
}
