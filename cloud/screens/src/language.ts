import type { Signal } from "@preact/signals";
import { isLanguage, LANGUAGES, type Language } from "../../../shared/screens/src/messages";

const KEY = "language";

/** The language chosen on this computer, else the first of the browser's that we speak. */
export function startLanguage(language: Signal<Language>): void {
  const chosen = localStorage.getItem(KEY);
  const spoken = navigator.languages.map((tag) => tag.slice(0, 2));
  language.value = isLanguage(chosen) ? chosen : (LANGUAGES.find((each) => spoken.includes(each)) ?? "en");
  language.subscribe((now) => localStorage.setItem(KEY, now));
}
