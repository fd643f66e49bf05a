import { effect, signal } from "@preact/signals";
import { isLanguage, language, type Language } from "../../../shared/screens/src/messages";

/** What one shopper chose, for a reload in between; the next shopper starts from the store's own ways. */
const shopper = sessionStorage;
/** What staff chose for this device. */
const device = localStorage;

export const isLarge = signal(shopper.getItem("large") === "yes");
export const isMuted = signal(device.getItem("muted") === "yes");

let storeLanguage: Language = "en";

effect(() => {
  document.documentElement.dataset.type = isLarge.value ? "large" : "normal";
  document.documentElement.dataset.contrast = isLarge.value ? "high" : "normal";
  shopper.setItem("large", isLarge.value ? "yes" : "no");
});

effect(() => device.setItem("muted", isMuted.value ? "yes" : "no"));

export function speak(chosen: Language): void {
  language.value = chosen;
  shopper.setItem("language", chosen);
}

export function startIn(ownLanguage: Language): void {
  storeLanguage = ownLanguage;
  const chosen = shopper.getItem("language");
  language.value = isLanguage(chosen) ? chosen : ownLanguage;
}

export function forgetShopper(): void {
  shopper.removeItem("language");
  language.value = storeLanguage;
  isLarge.value = false;
}
