import type { Family, State } from "./promotion-types";

/** A promotion as the service takes it; what the form does not know is kept as it is. */
export type Written = Record<string, unknown>;

/** The form's fields, as they are typed. */
export interface Draft {
  id: string;
  name: string;
  family: Family;
  state: State;
  layer: string;
  from: string;
  to: string;
  coupon: string;
  memberTag: string;
  skus: string;
  tags: string;
  n: string;
  m: string;
  minQuantity: string;
  minAmount: string;
  kind: string;
  value: string;
}

export type Field = keyof Draft;

const UNIT = ["percent", "amount", "unit_price"] as const;
const SET = ["percent", "set_amount", "set_price"] as const;
export type Kind = (typeof UNIT)[number] | (typeof SET)[number];

interface Shape {
  fields: readonly Field[];
  kinds: readonly Kind[];
}

/** What each family has in the form. Families with groups of products are written in files; here they keep theirs. */
export const SHAPES: Record<Family, Shape> = {
  easy: { fields: ["skus", "tags"], kinds: UNIT },
  line_special: { fields: ["skus", "tags", "n", "m"], kinds: UNIT },
  group: { fields: ["skus", "tags", "n"], kinds: SET },
  easy_plus: { fields: ["skus", "tags", "minQuantity"], kinds: UNIT },
  basket_threshold: { fields: ["minAmount"], kinds: SET },
  special: { fields: ["skus", "tags"], kinds: [...UNIT, "set_amount", "set_price"] },
  combo: { fields: [], kinds: [] },
  requisite_target: { fields: [], kinds: [] },
};

export const EMPTY: Draft = {
  id: "", name: "", family: "easy", state: "active", layer: "10", from: "", to: "", coupon: "", memberTag: "", skus: "",
  tags: "", n: "3", m: "1", minQuantity: "3", minAmount: "", kind: "percent", value: "",
};

/** Whether the form can show all of a promotion's own fields; a second tier, say, it cannot. */
export function isWritable(promotion: Written): boolean {
  const family = promotion["family"] as Family;
  const tiers = promotion["tiers"];
  if (!Array.isArray(tiers)) return SHAPES[family].kinds.length > 0;
  const shown = family === "easy_plus" ? "min_qty" : "min_amount";
  const given = Object.entries(partOf(tiers[0])).filter(([name, value]) => name !== "reward" && value !== null);
  return tiers.length === 1 && given.every(([name]) => name === shown);
}

export function draftOf(promotion: Written, state: State, exponent: number): Draft {
  const gate = partOf(promotion["gate"]);
  const target = partOf(promotion["target"]);
  const tiers = promotion["tiers"];
  const tier = Array.isArray(tiers) ? partOf(tiers[0]) : {};
  const reward = partOf(promotion["reward"] ?? tier["reward"]);
  const kind = textOf(reward["kind"]) || EMPTY.kind;
  return {
    id: textOf(promotion["id"]),
    name: textOf(promotion["name"]),
    family: promotion["family"] as Family,
    state,
    layer: textOf(promotion["layer"]),
    from: textOf(gate["from"]).slice(0, 10),
    to: textOf(gate["to"]).slice(0, 10),
    coupon: textOf(gate["coupon"]),
    memberTag: textOf(gate["member_tag"]),
    skus: listed(target["skus"]),
    tags: listed(target["tags"]),
    n: textOf(promotion["n"]) || EMPTY.n,
    m: textOf(promotion["m"]) || EMPTY.m,
    minQuantity: textOf(tier["min_qty"]) || EMPTY.minQuantity,
    minAmount: decimal(tier["min_amount"], exponent),
    kind,
    value: decimal(reward["value"], kind === "percent" ? 2 : exponent),
  };
}

/** The promotion to save. `before` is what was there, {} for a new one; texts that are no number go as they are. */
export function writtenOf(draft: Draft, before: Written, exponent: number): Written {
  const gate = { ...partOf(before["gate"]), coupon: draft.coupon.trim() || null, member_tag: draft.memberTag.trim() || null };
  const common = {
    ...before,
    id: draft.id.trim(),
    name: draft.name.trim() || null,
    family: draft.family,
    layer: numeric(draft.layer, 0),
    gate: { ...gate, ...day("from", draft.from, gate), ...day("to", draft.to, gate) },
  };
  if (Object.keys(before).length > 0 && !isWritable(before)) return common;
  const { fields, kinds } = SHAPES[draft.family];
  const kind = kinds.some((each) => each === draft.kind) ? draft.kind : kinds[0];
  const reward = { kind, value: numeric(draft.value, kind === "percent" ? 2 : exponent) };
  const own: Written = {};
  if (fields.includes("skus")) {
    own["target"] = { ...partOf(before["target"]), skus: codes(draft.skus), tags: codes(draft.tags) };
  }
  if (fields.includes("n")) own["n"] = numeric(draft.n, 0);
  if (fields.includes("m")) own["m"] = numeric(draft.m, 0);
  if (draft.family === "easy_plus") own["tiers"] = [{ min_qty: numeric(draft.minQuantity, 0), reward }];
  else if (draft.family === "basket_threshold") own["tiers"] = [{ min_amount: numeric(draft.minAmount, exponent), reward }];
  else own["reward"] = reward;
  return { ...common, ...own };
}

/** A day that was not touched keeps its time of day. */
function day(name: "from" | "to", typed: string, gate: Written): Written {
  return textOf(gate[name]).slice(0, 10) === typed ? {} : { [name]: typed || null };
}

function partOf(value: unknown): Written {
  return typeof value === "object" && value !== null ? (value as Written) : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function listed(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}

/** Codes between commas, semicolons or line ends; none at all means no condition. */
function codes(text: string): string[] | null {
  const found = text.split(/[,;\n]/).map((code) => code.trim()).filter((code) => code !== "");
  return found.length > 0 ? found : null;
}

/** "12.50" as a whole number of its smallest unit, without passing through a fraction. */
export function numeric(text: string, decimals: number): number | string {
  const found = /^([0-9]{1,10})(?:[.,]([0-9]*))?$/.exec(text.trim());
  const rest = found?.[2] ?? "";
  if (found === null || rest.length > decimals) return text;
  return Number(found[1] + rest.padEnd(decimals, "0"));
}

function decimal(value: unknown, decimals: number): string {
  if (typeof value !== "number") return "";
  const digits = String(value).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = decimals === 0 ? "" : digits.slice(-decimals);
  return /^0*$/.test(rest) ? whole : `${whole}.${rest}`;
}
