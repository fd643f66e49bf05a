export type Family =
  | "easy"
  | "easy_plus"
  | "line_special"
  | "combo"
  | "group"
  | "requisite_target"
  | "basket_threshold"
  | "special";
export type State = "draft" | "active" | "ended";

export interface PromotionRow {
  id: string;
  name: string;
  family: Family;
  layer: number;
  priority: number;
  starts: string | null;
  ends: string | null;
  coupon: string | null;
  member_tag: string | null;
  state: State;
  revision: number;
  published: "as_is" | "earlier" | "no";
  updated_at: string;
}

export interface PromotionPage {
  promotions: PromotionRow[];
  next: string | null;
  total: number;
  unpublished: number;
}

export interface PromotionDetail {
  row: PromotionRow;
  promotion: Record<string, unknown>;
  findings: Finding[];
}

/** Something about a promotion that a buyer should know; an error keeps it from being saved. */
export interface Finding {
  severity: "error" | "warning";
  field: string;
  code: string;
  message: string;
}

export interface DraftCheck {
  findings: Finding[];
  products: Record<string, string>;
}

export interface PackView {
  number: number;
  version: string;
  promotions: number;
  stores: string[];
  asked_at: string;
  starts_at: string | null;
  published_at: string | null;
}

/** What publishing would change at stores, by promotion. */
export interface PackChanges {
  changes: {
    promotion_id: string;
    name: string;
    outcome: "added" | "changed" | "ended";
    stores: number;
    fields: { field: string; before: string; after: string }[];
  }[];
  added: number;
  changed: number;
  ended: number;
  promotions: number;
  stores: number;
}

export interface ImportReport {
  committed: boolean;
  published: string | null;
  encoding: string;
  added: number;
  changed: number;
  ended: number;
  unchanged: number;
  rejected: number;
  changes: ImportChange[];
  problems: ImportProblem[];
}

export interface ImportChange {
  line: number;
  promotion_id: string;
  name: string;
  outcome: "added" | "changed" | "ended";
  fields: { field: string; before: string; after: string }[];
}

export interface ImportProblem {
  line: number;
  promotion_id: string;
  field: string;
  code: string;
  message: string;
  hint: string;
}

export interface Alarm {
  number: number;
  order_id: string;
  receipt_number: string;
  store_name: string;
  reason: "different" | "not_proven" | "unknown_pack" | "engine_version" | "failed";
  at: string;
  acknowledged_at: string | null;
}

export interface AlarmPage {
  alarms: Alarm[];
  next: string | null;
  waiting: number;
}

/** An order priced again, with a sentence for each promotion that could have done something. */
export interface OrderPricing {
  discount_minor: number;
  same: boolean;
  reasons: Reason[];
}

export interface Reason {
  promotion_id: string;
  name: string;
  applied: boolean;
  discount_minor: number;
  code: string;
  text: string;
}
