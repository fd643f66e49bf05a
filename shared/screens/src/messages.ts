import { computed, effect, signal } from "@preact/signals";
import greek from "../../messages/el.json";
import english from "../../messages/en.json";
import hebrew from "../../messages/he.json";

export const LANGUAGES = ["en", "el", "he"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Key = keyof typeof english;
export type Facts = Record<string, string | number>;
type Counted = Key extends infer Name ? (Name extends `${infer Stem}.one` ? Stem : never) : never;

const TEXTS: Record<Language, Record<string, string>> = { en: english, el: greek, he: hebrew };
// Regions decide the order of days and months; none of the three writes the month first.
const LOCALES: Record<Language, string> = { en: "en-GB", el: "el-GR", he: "he-IL" };
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", el: "Ελληνικά", he: "עברית" };

export const language = signal<Language>("en");
export const locale = computed(() => LOCALES[language.value]);
export const direction = computed(() => directionOf(language.value));

export function directionOf(spoken: Language): "ltr" | "rtl" {
  return spoken === "he" ? "rtl" : "ltr";
}

effect(() => {
  document.documentElement.lang = language.value;
  document.documentElement.dir = direction.value;
});

export function isLanguage(text: string | null): text is Language {
  return LANGUAGES.some((known) => known === text);
}

/** The text of a key in the present language, with its facts filled in. */
export function t(key: Key, facts: Facts = {}): string {
  return textIn(language.value, key, facts);
}

/** The text of a key in a given language: a receipt keeps the language it was sold in. */
export function textIn(spoken: Language, key: Key, facts: Facts = {}): string {
  return fill(TEXTS[spoken][key] ?? key, facts);
}

/** A text that has a form for one and a form for other counts. */
export function counted(stem: Counted, count: number): string {
  const form = new Intl.PluralRules(locale.value).select(count) === "one" ? "one" : "other";
  return t(`${stem}.${form}` as Key, { count: whole(count) });
}

/** A whole number, grouped as the language groups. */
export function whole(count: number): string {
  return new Intl.NumberFormat(locale.value).format(count);
}

/** A name that keeps its own direction inside text of another, as `bdi` does where there is markup. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** The text of a key that may be missing, as error codes are open-ended. */
export function known(key: string, facts: Facts = {}): string | null {
  const text = TEXTS[language.value][key];
  return text === undefined ? null : fill(text, facts);
}

function fill(text: string, facts: Facts): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole));
}
