import { computed, signal } from "@preact/signals";

const BASE = "/office/";

/** Where the address says we are. Every state worth sharing is in it. */
export interface Place {
  page: "stores" | "orders" | "promotions";
  order: string | null;
  query: string;
  store: string;
}

const address = signal(location.pathname + location.search);

export const place = computed<Place>(() => {
  const { pathname, searchParams } = new URL(address.value, location.origin);
  const [page, order] = pathname.slice(BASE.length).split("/");
  return {
    page: page === "orders" || page === "promotions" ? page : "stores",
    order: page === "orders" && order ? decodeURIComponent(order) : null,
    query: searchParams.get("query") ?? "",
    store: searchParams.get("store_id") ?? "",
  };
});

if (location.pathname === BASE) history.replaceState(null, "", `${BASE}stores${location.hash}`);
window.addEventListener("popstate", () => (address.value = location.pathname + location.search));

/** The address of a place; what is left out stays as it is. */
export function addressOf(change: Partial<Place>): string {
  const next = { ...place.value, ...change };
  if (next.page !== "orders") return `${BASE}${next.page}`;
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
