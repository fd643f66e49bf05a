import type { Family, State } from "./promotion-types";
import { decimal, listed, numeric, partOf, partsOf, split, textOf, type Written } from "./promotion-values";

export const LISTS = ["skus", "categories", "brands", "tags"] as const;
export const NOT_LISTS = ["not_skus", "not_categories", "not_brands", "not_tags"] as const;
export const PRICES = ["min_unit_price", "max_unit_price"] as const;
export const LIMITS = ["max_applications", "max_units", "max_units_per_line", "max_discount"] as const;
export const USES = ["max_uses_per_customer", "max_uses_total"] as const;
const UNIT = ["percent", "amount", "unit_price"] as const;
const SET = ["percent", "set_amount", "set_price"] as const;
export const KINDS: Record<Family, readonly Kind[]> = {
  easy: UNIT,
  easy_plus: UNIT,
  line_special: UNIT,
  combo: SET,
  group: SET,
  requisite_target: UNIT,
  basket_threshold: SET,
  special: [...UNIT, "set_amount", "set_price"],
};

export type Kind = (typeof UNIT)[number] | (typeof SET)[number];
export type Lists = (typeof LISTS)[number] | (typeof NOT_LISTS)[number];
export type Selector = Record<Lists | (typeof PRICES)[number], string> & { not_discounted: boolean };
export type Reward = { kind: Kind; value: string };
export type Tier = { min_qty: string; min_amount: string; over_amount: string; reward: Reward };
export type Slot = { select: Selector; qty: string; min_amount: string };
export type Gate = Record<
  | "from" | "from_time" | "to" | "to_time" | "hours_from" | "hours_to" | "channels" | "coupon" | "member_tag"
  | (typeof USES)[number],
  string
> & { days: number[]; stores: string[] };

/** A promotion as it is typed. Names are the service's, so that what it finds can be shown at its field. */
export interface Draft {
  id: string;
  name: string;
  external_id: string;
  family: Family;
  state: State;
  layer: string;
  priority: string;
  exclusive: "no" | "unit" | "basket";
  allocate: "rewarded" | "all";
  set_scope: boolean;
  gate: Gate;
  limits: Record<(typeof LIMITS)[number], string>;
  target: Selector;
  qualify: Selector;
  n: string;
  m: string;
  same_sku: boolean;
  slots: Slot[];
  requisites: Slot[];
  targets: Slot[];
  lesser_value: boolean;
  tiers: Tier[];
  basis: "net" | "gross";
  repeat: boolean;
  reward: Reward;
}

/** A promotion in a currency with so many decimals, as the form shows it; {} is an empty form. */
export function draftOf(promotion: Written, state: State, exponent: number): Draft {
  const gate = partOf(promotion["gate"]);
  const limits = partOf(promotion["limits"]);
  const family = (promotion["family"] ?? "easy") as Family;
  const slots = (name: string, first: Partial<Slot>) => slotsOf(promotion[name], first, exponent);
  return {
    id: textOf(promotion["id"]),
    name: textOf(promotion["name"]),
    external_id: textOf(promotion["external_id"]),
    family,
    state,
    layer: textOf(promotion["layer"] ?? 10),
    priority: textOf(promotion["priority"]),
    exclusive: (promotion["exclusive"] ?? "no") as Draft["exclusive"],
    allocate: (promotion["allocate"] ?? "rewarded") as Draft["allocate"],
    set_scope: promotion["set_scope"] === true,
    gate: gateOf(gate),
    limits: {
      max_applications: textOf(limits["max_applications"]),
      max_units: textOf(limits["max_units"]),
      max_units_per_line: textOf(limits["max_units_per_line"]),
      max_discount: decimal(limits["max_discount"], exponent),
    },
    target: selectorOf(promotion["target"], exponent),
    qualify: selectorOf(promotion["qualify"], exponent),
    n: textOf(promotion["n"] ?? 3),
    m: textOf(promotion["m"] ?? 1),
    same_sku: promotion["same_sku"] === true,
    slots: slots("slots", { qty: "1" }),
    requisites: slots("requisites", { qty: "1" }),
    targets: slots("targets", { qty: "1" }),
    lesser_value: promotion["lesser_value"] === true,
    tiers: tiersOf(promotion["tiers"], exponent),
    basis: (promotion["basis"] ?? "net") as Draft["basis"],
    repeat: promotion["repeat"] === true,
    reward: rewardOf(promotion["reward"], exponent),
  };
}

export function emptySlot(): Slot {
  return { select: selectorOf({}, 0), qty: "1", min_amount: "" };
}

export function emptyTier(): Tier {
  return { min_qty: "", min_amount: "", over_amount: "", reward: rewardOf({}, 0) };
}

function gateOf(gate: Written): Gate {
  const [from, from_time] = momentOf(gate["from"]);
  const [to, to_time] = momentOf(gate["to"]);
  const [hours_from, hours_to] = Array.isArray(gate["hours"]) ? gate["hours"].map(textOf) : ["", ""];
  return {
    from, from_time, to, to_time,
    hours_from: hours_from ?? "",
    hours_to: hours_to ?? "",
    days: Array.isArray(gate["days"]) ? (gate["days"] as number[]) : [],
    stores: Array.isArray(gate["stores"]) ? (gate["stores"] as string[]) : [],
    channels: listed(gate["channels"]),
    coupon: textOf(gate["coupon"]),
    member_tag: textOf(gate["member_tag"]),
    max_uses_per_customer: textOf(gate["max_uses_per_customer"]),
    max_uses_total: textOf(gate["max_uses_total"]),
  };
}

function momentOf(value: unknown): [string, string] {
  const [day = "", time = ""] = textOf(value).split(/[T ]/);
  return [day, time];
}

function selectorOf(value: unknown, exponent: number): Selector {
  const part = partOf(value);
  const lists = [...LISTS, ...NOT_LISTS].map((name) => [name, listed(part[name])]);
  const prices = PRICES.map((name) => [name, decimal(part[name], exponent)]);
  return { ...Object.fromEntries([...lists, ...prices]), not_discounted: part["not_discounted"] === true } as Selector;
}

function slotsOf(value: unknown, first: Partial<Slot>, exponent: number): Slot[] {
  const found = partsOf(value).map((part) => ({
    select: selectorOf(part["select"], exponent),
    qty: part["min_amount"] == null ? textOf(part["qty"] ?? 1) : "",
    min_amount: decimal(part["min_amount"], exponent),
  }));
  return found.length > 0 ? found : [{ ...emptySlot(), ...first }];
}

function tiersOf(value: unknown, exponent: number): Tier[] {
  const found = partsOf(value).map((part) => ({
    min_qty: textOf(part["min_qty"]),
    min_amount: decimal(part["min_amount"], exponent),
    over_amount: decimal(part["over_amount"], exponent),
    reward: rewardOf(part["reward"], exponent),
  }));
  return found.length > 0 ? found : [emptyTier()];
}

function rewardOf(value: unknown, exponent: number): Reward {
  const reward = partOf(value);
  const kind = (reward["kind"] ?? "percent") as Kind;
  return { kind, value: decimal(reward["value"], kind === "percent" ? 2 : exponent) };
}

/** The promotion to save; texts that are no number go as they are, and the service says what is wrong. */
export function writtenOf(draft: Draft, before: Written, exponent: number): Written {
  return {
    ...(before["version"] === undefined ? {} : { version: before["version"] }),
    id: draft.id.trim(),
    name: draft.name.trim() || null,
    external_id: draft.external_id.trim() || null,
    family: draft.family,
    layer: numeric(draft.layer, 0),
    priority: draft.priority.trim() === "" ? 0 : signed(draft.priority),
    exclusive: draft.exclusive,
    allocate: draft.allocate,
    set_scope: draft.set_scope,
    gate: writtenGate(draft.gate),
    limits: {
      max_applications: optional(draft.limits.max_applications, 0),
      max_units: optional(draft.limits.max_units, 0),
      max_units_per_line: optional(draft.limits.max_units_per_line, 0),
      max_discount: optional(draft.limits.max_discount, exponent),
    },
    ...writtenFamily(draft, exponent),
  };
}

function writtenFamily(draft: Draft, exponent: number): Written {
  const { family } = draft;
  const reward = writtenReward(draft.reward, family, exponent);
  const target = writtenSelector(draft.target, exponent);
  const slots = (given: Slot[]) =>
    given.map((slot) => ({ select: writtenSelector(slot.select, exponent), qty: numeric(slot.qty, 0) }));
  const tiers = draft.tiers.map((tier) => ({
    min_qty: optional(tier.min_qty, 0),
    min_amount: optional(tier.min_amount, exponent),
    ...(family === "basket_threshold" ? { over_amount: optional(tier.over_amount, exponent) } : {}),
    reward: writtenReward(tier.reward, family, exponent),
  }));
  switch (family) {
    case "easy_plus":
      return { target, tiers };
    case "line_special":
      return { target, n: numeric(draft.n, 0), m: numeric(draft.m, 0), same_sku: draft.same_sku, reward };
    case "group":
      return { target, n: numeric(draft.n, 0), reward };
    case "combo":
      return { slots: slots(draft.slots), reward };
    case "requisite_target": {
      const requisites = draft.requisites.map(({ select, qty, min_amount }) => ({
        select: writtenSelector(select, exponent),
        qty: optional(qty, 0),
        min_amount: optional(min_amount, exponent),
      }));
      return { requisites, targets: slots(draft.targets), lesser_value: draft.lesser_value, reward };
    }
    case "basket_threshold": {
      const qualify = writtenSelector(draft.qualify, exponent);
      return { qualify, target, tiers, basis: draft.basis, repeat: draft.repeat };
    }
    default:
      return { target, reward };
  }
}

function writtenGate(gate: Gate): Written {
  const hasHours = gate.hours_from !== "" || gate.hours_to !== "";
  return {
    from: written(gate.from, gate.from_time),
    to: written(gate.to, gate.to_time),
    days: gate.days.length > 0 ? [...gate.days].sort((one, other) => one - other) : null,
    hours: hasHours ? [gate.hours_from || "00:00", gate.hours_to || "24:00"] : null,
    stores: gate.stores.length > 0 ? gate.stores : null,
    channels: split(gate.channels),
    coupon: gate.coupon.trim() || null,
    member_tag: gate.member_tag.trim() || null,
    max_uses_per_customer: optional(gate.max_uses_per_customer, 0),
    max_uses_total: optional(gate.max_uses_total, 0),
  };
}

function written(day: string, time: string): string | null {
  if (day === "") return null;
  return time === "" ? day : `${day}T${time}`;
}

function writtenSelector(selector: Selector, exponent: number): Written {
  const lists = LISTS.map((name) => [name, split(selector[name])]);
  const unwanted = NOT_LISTS.map((name) => [name, split(selector[name]) ?? []]);
  const prices = PRICES.map((name) => [name, optional(selector[name], exponent)]);
  return { ...Object.fromEntries([...lists, ...unwanted, ...prices]), not_discounted: selector.not_discounted };
}

function writtenReward(reward: Reward, family: Family, exponent: number): Written {
  const kind = kindOf(reward, family);
  return { kind, value: numeric(reward.value, kind === "percent" ? 2 : exponent) };
}

/** The kind of a reward; another family may not know what was chosen before. */
export function kindOf(reward: Reward, family: Family): Kind {
  return KINDS[family].includes(reward.kind) ? reward.kind : KINDS[family][0]!;
}

function optional(text: string, decimals: number): number | string | null {
  return numeric(text, decimals) ?? null;
}

function signed(text: string): number | string {
  const found = /^-?[0-9]{1,4}$/.exec(text.trim());
  return found === null ? text : Number(text);
}
