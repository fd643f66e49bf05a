import { computed, effect, signal } from "@preact/signals";
import { read } from "../../../shared/screens/src/api";
import { follow, type Live } from "../../../shared/screens/src/live";
import type { Unit } from "../../../shared/screens/src/money";
import type { BasketView, LaneView, Line, Notice, PaidOrder, ParkedBasket, Store } from "./api-types";
import { clearNotice, tellNotice } from "./notices";
import { startIn } from "./preferences";

const RETRY_MS = 1000;
const OLD_NOTICE_MS = 60_000; // a page that was just opened does not repeat trouble of long ago

export const store = signal<Store | null>(null);
export const lane = signal<LaneView | null>(null);
export const connected = signal(false);

/** Lines that the newest basket has changed or added: they are marked for a moment. */
export const changed = signal<ReadonlySet<number>>(new Set());
/** The line that was scanned or changed last, with the picture of it that was true then. */
export const lastLine = signal<Line | null>(null);

export const basket = computed(() => lane.value?.basket ?? null);
export const online = computed(() => lane.value?.head_office.online ?? true);
export const unit = computed<Unit>(() => ({
  currency: basket.value?.currency ?? store.value?.currency ?? "EUR",
  exponent: store.value?.exponent ?? 2,
}));

const finished = signal<string | null>(null);

/** The order that was just paid, until the shopper is done with it or a new basket begins. */
export const paid = computed<PaidOrder | null>(() => {
  const order = lane.value?.order ?? null;
  return order !== null && order.id !== finished.value && basket.value === null ? order : null;
});

export function finishWith(order: PaidOrder): void {
  finished.value = order.id;
}

const left = signal<string | null>(null);

/** The basket that was parked here, until the shopper is done with its code or a new basket begins. */
export const parked = computed<ParkedBasket | null>(() => {
  const waiting = lane.value?.parked ?? null;
  return waiting !== null && waiting.code !== left.value && basket.value === null ? waiting : null;
});

export function leave(waiting: ParkedBasket): void {
  left.value = waiting.code;
}

/** Take the code that parking brought. */
export function takeParked(waiting: ParkedBasket): void {
  const view = lane.value;
  if (view === null || view.basket?.id !== waiting.basket_id) return;
  lane.value = { ...view, basket: null, parked: waiting };
}

export function start(): void {
  void readStore();
  const live: Live = follow<LaneView>("/api/lanes/kiosk", takeLane);
  effect(() => {
    connected.value = live.connected.value;
  });
}

async function readStore(): Promise<void> {
  try {
    store.value = await read<Store>("/api/store");
    startIn(store.value.language);
  } catch {
    setTimeout(() => void readStore(), RETRY_MS);
  }
}

function takeLane(next: LaneView): void {
  const before = lane.value;
  if (isNewer(next.notice, before)) tellNotice(next.notice);
  else if (before !== null && hasMoved(before, next)) clearNotice();
  if (next.basket !== null) compare(before?.basket ?? null, next.basket, before === null);
  else lastLine.value = null;
  // Head office may have changed the store's settings; each shopper begins with those of now.
  if (before !== null && before.basket?.id !== next.basket?.id) void readStore();
  lane.value = next;
}

function hasMoved(before: LaneView, next: LaneView): boolean {
  return before.basket?.version !== next.basket?.version || before.order?.id !== next.order?.id;
}

function isNewer(notice: Notice | null, before: LaneView | null): notice is Notice {
  if (notice === null || notice.id === before?.notice?.id) return false;
  return before !== null || Date.now() - Date.parse(notice.at) < OLD_NOTICE_MS;
}

/** Take a basket that an answer brought, unless a newer picture of it is already here. */
export function takeBasket(next: BasketView): void {
  const view = lane.value;
  if (view === null) return;
  const present = view.basket;
  if (present?.id === next.id && present.version >= next.version) return;
  if (view.order?.id === next.id || (next.state !== "open" && next.state !== "paying")) return;
  compare(present, next, false);
  lane.value = { ...view, basket: next };
}

/** Take the order that a payment's answer brought. */
export function takeOrder(order: PaidOrder): void {
  const view = lane.value;
  if (view === null || view.order?.id === order.id) return;
  lane.value = { ...view, order, basket: view.basket?.id === order.id ? null : view.basket };
}

function compare(before: BasketView | null, next: BasketView, isFirstLook: boolean): void {
  if (before?.id === next.id && before.version === next.version) return;
  const known = new Map(before?.id === next.id ? before.lines.map((line) => [line.number, line]) : []);
  const different = next.lines.filter((line) => differs(known.get(line.number), line));
  const grown = different.filter((line) => line.quantity !== known.get(line.number)?.quantity);
  lastLine.value = (isFirstLook ? next.lines : grown).at(-1) ?? still(next);
  changed.value = new Set(isFirstLook ? [] : different.map((line) => line.number));
}

function still(next: BasketView): Line | null {
  return next.lines.find((line) => line.number === lastLine.value?.number) ?? next.lines.at(-1) ?? null;
}

function differs(before: Line | undefined, line: Line): boolean {
  return before?.quantity !== line.quantity || before.discount_minor !== line.discount_minor;
}
