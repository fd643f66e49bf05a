import { isolated, locale, t, whole } from "../../../shared/screens/src/messages";
import { money, type Unit } from "../../../shared/screens/src/money";
import { kindOf, LISTS, NOT_LISTS, type Draft, type Reward, type Selector, type Slot, type Tier } from "./promotion-draft";
import type { Family } from "./promotion-types";
import { numeric, split } from "./promotion-values";

const NAMED_MAX = 4;
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** What is known around a draft: the currency, names of products and stores by their codes. */
export interface Known {
  unit: Unit;
  products: Record<string, string>;
  stores: Record<string, string>;
}

/** What a promotion does, as one sentence; what is not filled in yet reads as a gap. */
export function sentenceOf(draft: Draft, known: Known): string {
  const told = [...mainPart(draft, known), ...limitParts(draft, known), ...gateParts(draft, known)].join("; ");
  return told.charAt(0).toLocaleUpperCase(locale.value) + told.slice(1);
}

function mainPart(draft: Draft, known: Known): string[] {
  const what = whatOf(draft.target, known);
  const reward = rewardOf(draft.reward, draft.family, known);
  const tiers = list(draft.tiers.map((tier) => tierOf(tier, draft.family, known)));
  switch (draft.family) {
    case "easy_plus":
      return [t("say.each", { what, reward: tiers })];
    case "line_special":
      return [cheapest(draft, what, reward), ...(draft.same_sku ? [t("say.same")] : [])];
    case "group":
      return [t("say.any", { n: draft.n, what, reward })];
    case "combo":
      return [t("say.each", { what: slotsOf(draft.slots, known), reward })];
    case "requisite_target": {
      const [needs, targets] = [slotsOf(draft.requisites, known), slotsOf(draft.targets, known)];
      return [t("say.buy_get", { needs, targets, reward }), ...(draft.lesser_value ? [t("say.lesser")] : [])];
    }
    case "basket_threshold": {
      const counts = isNarrow(draft.qualify) ? [t("say.counts", { what: whatOf(draft.qualify, known) })] : [];
      return [t("say.each", { what, reward: tiers }), ...counts, ...(draft.repeat ? [t("say.repeat")] : [])];
    }
    default:
      return [t("say.each", { what, reward })];
  }
}

function cheapest({ n, m, reward: { kind, value } }: Draft, what: string, reward: string): string {
  if (m.trim() !== "1") return t("say.cheapest_some", { n, m, what, reward });
  const isFree = kind === "percent" && numeric(value, 2) === 10_000;
  return isFree ? t("say.cheapest_free", { n, what }) : t("say.cheapest", { n, what, reward });
}

function tierOf(tier: Tier, family: Family, known: Known): string {
  const hasOver = tier.over_amount !== "" && family === "basket_threshold";
  const from = [
    tier.min_qty && t("say.tier_qty", { count: tier.min_qty }),
    tier.min_amount && t("say.tier_amount", { amount: amount(tier.min_amount, known) }),
    hasOver ? t("say.tier_over", { amount: amount(tier.over_amount, known) }) : "",
  ].filter((part) => part !== "");
  return t("say.tier", { from: from.length > 0 ? list(from) : "…", reward: rewardOf(tier.reward, family, known) });
}

function slotsOf(slots: Slot[], known: Known): string {
  const told = slots.map((slot) => {
    const what = whatOf(slot.select, known);
    if (slot.min_amount !== "") return t("say.worth", { what, amount: amount(slot.min_amount, known) });
    return t("say.units", { count: slot.qty || "…", what });
  });
  return list(told);
}

function rewardOf(reward: Reward, family: Family, known: Known): string {
  const kind = kindOf(reward, family);
  if (kind !== "percent") return t(`say.${kind}`, { value: amount(reward.value, known) });
  const parts = numeric(reward.value, 2);
  if (parts === 10_000) return t("say.free");
  return t("say.percent", { value: typeof parts === "number" ? percent(parts) : "… %" });
}

function whatOf(selector: Selector, known: Known): string {
  let what = namesOf(selector, LISTS, known) ?? t("say.everything");
  const unwanted = namesOf(selector, NOT_LISTS, known);
  if (unwanted !== null) what = t("say.without", { what, names: unwanted });
  if (selector.min_unit_price !== "") what = t("say.price_from", { what, price: amount(selector.min_unit_price, known) });
  if (selector.max_unit_price !== "") what = t("say.price_to", { what, price: amount(selector.max_unit_price, known) });
  return selector.not_discounted ? t("say.full_price", { what }) : what;
}

/** The products, categories, brands and tags of a selector by name; null where it names none. */
function namesOf(selector: Selector, lists: readonly (keyof Selector)[], known: Known): string | null {
  const codes = lists.flatMap((name) => {
    const found = split(String(selector[name])) ?? [];
    return found.map((code) => (name.endsWith("skus") ? (known.products[code] ?? code) : `“${code}”`));
  });
  if (codes.length === 0) return null;
  const more = codes.length - NAMED_MAX;
  const shown = codes.slice(0, NAMED_MAX).map(isolated);
  return list(more > 0 ? [...shown, `+ ${whole(more)}`] : shown, "disjunction");
}

function isNarrow(selector: Selector): boolean {
  return Object.values(selector).some((value) => value !== "" && value !== false);
}

function limitParts({ limits, gate }: Draft, known: Known): string[] {
  return [
    limits.max_applications && t("say.times", { count: limits.max_applications }),
    limits.max_units && t("say.max_units", { count: limits.max_units }),
    limits.max_discount && t("say.max_discount", { amount: amount(limits.max_discount, known) }),
    gate.max_uses_per_customer && t("say.per_customer", { count: gate.max_uses_per_customer }),
    gate.max_uses_total && t("say.in_all", { count: gate.max_uses_total }),
  ].filter((part) => part !== "");
}

function gateParts({ gate }: Draft, known: Known): string[] {
  const hours = gate.hours_from || gate.hours_to;
  const stores = gate.stores.map((code) => isolated(known.stores[code] ?? code));
  return [
    gate.coupon && t("say.coupon", { name: isolated(gate.coupon) }),
    gate.member_tag && t("say.member", { name: isolated(gate.member_tag) }),
    gate.days.length > 0 && list([...gate.days].sort().map((day) => weekday(day, "long"))),
    hours && isolated(t("say.hours", { from: gate.hours_from || "00:00", to: gate.hours_to || "24:00" })),
    window(gate.from, gate.to),
    stores.length > 0 && t("say.stores", { names: list(stores) }),
  ].filter((part) => typeof part === "string" && part !== "") as string[];
}

function window(from: string, to: string): string {
  if (from && to) return t("promotions.from_to", { from: date(from), to: date(to) });
  if (from) return t("promotions.from", { from: date(from) });
  return to ? t("promotions.to", { to: date(to) }) : "";
}

function date(day: string): string {
  const when = new Date(`${day}T00:00`);
  return Number.isNaN(when.getTime()) ? day : new Intl.DateTimeFormat(locale.value, { dateStyle: "medium" }).format(when);
}

/** The name of a day of the week; Monday is 1. */
export function weekday(day: number, style: "long" | "short"): string {
  const format = new Intl.DateTimeFormat(locale.value, { weekday: style, timeZone: "UTC" });
  return format.format(new Date(MONDAY + (day - 1) * DAY_MS));
}

function amount(text: string, { unit }: Known): string {
  const minor = numeric(text, unit.exponent);
  return isolated(typeof minor === "number" ? money(minor, unit) : "…");
}

function percent(basisPoints: number): string {
  const style = { style: "percent", maximumFractionDigits: 2 } as const;
  return new Intl.NumberFormat(locale.value, style).format(basisPoints / 10_000);
}

function list(parts: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(locale.value, { type }).format(parts);
}
