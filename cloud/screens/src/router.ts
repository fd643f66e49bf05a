import { computed, signal } from "@preact/signals";

const BASE = "/office/";
export const PAGES = ["stores", "orders", "days", "alarms", "promotions", "specials"] as const;
export type Page = (typeof PAGES)[number];

/** Where the address says we are. Every state worth sharing is in it. */
export interface Place {
  page: Page;
  /** What stands behind the page: the parts of the address below it. */
  path: readonly string[];
  order: string | null;
  query: string;
  store: string;
}

const address = signal(location.pathname + location.search);

export const place = computed<Place>(() => {
  const { pathname, searchParams } = new URL(address.value, location.origin);
  const [first, ...path] = pathname.slice(BASE.length).split("/").filter((part) => part !== "").map(decodeURIComponent);
  const page = PAGES.find((each) => each === first) ?? "stores";
  return {
    page,
    path: page === first ? path : [],
    order: page === "orders" ? (path[0] ?? null) : null,
    query: searchParams.get("query") ?? "",
    store: searchParams.get("store_id") ?? "",
  };
});

if (location.pathname === BASE) history.replaceState(null, "", `${BASE}stores${location.hash}`);
window.addEventListener("popstate", () => (address.value = location.pathname + location.search));

/** The address of a place; what is left out stays as it is, except that a page is entered at its top. */
export function addressOf(change: Partial<Place>): string {
  const next = { ...place.value, ...(change.page === undefined ? {} : { path: [] }), ...change };
  if (next.page !== "orders") return BASE + [next.page, ...next.path].map(encodeURIComponent).join("/");
  const asked = new URLSearchParams();
  if (next.query) asked.set("query", next.query);
  if (next.store) asked.set("store_id", next.store);
  const path = next.order === null ? `${BASE}orders` : `${BASE}orders/${encodeURIComponent(next.order)}`;
  return asked.size > 0 ? `${path}?${asked}` : path;
}

export function go(change: Partial<Place>, how: "push" | "replace" = "push"): void {
  const next = addressOf(change);
  if (next === address.value) return;
  if (how === "push") history.pushState(null, "", next);
  else history.replaceState(null, "", next);
  address.value = next;
}

/** Follow a link within the page; anything with a modifier is left to the browser. */
export function follow(event: MouseEvent, change: Partial<Place>): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button !== 0) return;
  event.preventDefault();
  go(change);
}
