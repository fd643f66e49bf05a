import { effect } from "@preact/signals";
import { basket, changed, paid, parked } from "./lane";
import { forgetShopper } from "./preferences";
import { playAdded, playPaid } from "./sound";
import { signOut } from "./staff";
import { close, isPaying, opened } from "./view";

const ALONE_MS = 60_000;

/** What belongs to one basket or one shopper goes away with them, and what happens is heard. */
export function keepHouse(): void {
  restWhenAlone();

  effect(() => {
    if (basket.value !== null) return;
    isPaying.value = false;
    signOut();
    const dialog = opened.peek();
    if (dialog === "start-over" || (dialog !== null && typeof dialog === "object")) close();
  });

  effect(() => {
    if (basket.value !== null && opened.peek() === "continue") close();
  });

  effect(() => {
    if (paid.value === null && opened.peek() === "receipt") close();
    if (paid.value !== null && opened.peek() !== "receipt") close();
  });

  let hadShopper = false;
  effect(() => {
    const hasShopper = basket.value !== null || paid.value !== null || parked.value !== null;
    if (hadShopper && !hasShopper) forgetShopper();
    hadShopper = hasShopper;
  });

  effect(() => {
    if (changed.value.size > 0) playAdded();
  });

  let lastPaid: string | null = null;
  effect(() => {
    const order = paid.value;
    if (order !== null && order.id !== lastPaid) playPaid();
    lastPaid = order?.id ?? lastPaid;
  });
}

/** Somebody chose a language or opened a dialog and went away: the next one starts afresh. */
function restWhenAlone(): void {
  let timer = 0;
  function restart(): void {
    clearTimeout(timer);
    timer = window.setTimeout(rest, ALONE_MS);
  }
  function rest(): void {
    if (basket.value !== null || paid.value !== null || parked.value !== null) return;
    close();
    forgetShopper();
  }
  document.addEventListener("pointerdown", restart);
  document.addEventListener("keydown", restart);
}
