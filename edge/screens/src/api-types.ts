import type { Language } from "../../../shared/screens/src/messages";

export interface Store {
  code: string;
  name: string;
  country: string;
  currency: string;
  exponent: number;
  language: Language;
  cash_increment_minor: number;
  asks_for_donations: boolean;
  donation_amounts_minor: number[];
}

/** All that a kiosk shows, sent whole after each change. */
export interface LaneView {
  lane: string;
  basket: BasketView | null;
  order: PaidOrder | null;
  parked: ParkedBasket | null;
  arrived: Arrived | null;
  /** Whether there is another till where a basket could go on. */
  hands_over: boolean;
  notice: Notice | null;
  devices: Device[];
  head_office: HeadOffice;
}

export interface HeadOffice {
  online: boolean;
  last_contact_at: string | null;
  unsent: number;
  /** When the prices were head office's newest, by its clock. */
  prices_as_of: string | null;
  prices: "fresh" | "old" | "unknown";
}

export interface BasketView {
  id: string;
  state: "open" | "paying" | "completed" | "abandoned" | "parked" | "moved";
  version: number;
  currency: string;
  lines: Line[];
  quantity: number;
  gross_minor: number;
  discount_minor: number;
  total_minor: number;
  cash_total_minor: number;
  hint: Hint | null;
  /** left_minor: what stays on a voucher when the basket is paid. */
  coupons: { campaign: string; name: string; discount_minor: number; left_minor: number | null }[];
  operator_discounts: { id: string; reason: string; discount_minor: number }[];
  donation: { campaign: string; name: string; minor: number } | null;
}

/** A basket that waits for another till. qr: row by row, 1 for a dark square. */
export interface ParkedBasket {
  basket_id: string;
  code: string;
  total_minor: number;
  currency: string;
  qr: string[];
}

/** From which till the basket came; what does not hold here, by name; what was to be paid there, and here. */
export interface Arrived {
  code: string;
  place: string;
  missing: string[];
  shown_minor: number;
  due_minor: number;
}

/** Whom shoppers can give something. */
export interface Campaign {
  id: string;
  name: string;
}

/** An amount, or what is missing to the next multiple of a step. */
export type Gift = { campaign: string } & ({ amount_minor: number } | { round_to_minor: number });

/** What one of the staff takes off on the spot: of a line, or of the whole basket. */
export type Discount = { line: number | null; reason: string; operator: string } & (
  | { percent_bp: number }
  | { amount_minor: number }
);

/** A promotion that nearly applies: so many pieces more, or such an amount, take so much more off. */
export interface Hint {
  name: string;
  missing_quantity: number;
  missing_minor: number;
  gain_minor: number;
}

export interface Line {
  number: number;
  sku: string;
  name: string;
  quantity: number;
  unit_price_minor: number;
  gross_minor: number;
  discount_minor: number;
  total_minor: number;
  promotions: { name: string; discount_minor: number }[];
  hint: Hint | null;
}

export interface PaidOrder {
  id: string;
  receipt_number: string;
  placed_at: string;
  currency: string;
  total_minor: number;
  saved_minor: number;
  tender: "cash" | "card";
  tendered_minor: number | null;
  change_minor: number | null;
  printing: "waiting" | "printed" | "unknown";
}

export interface Notice {
  id: string;
  code: string;
  title: string;
  hint: string;
  facts: Record<string, string>;
  at: string;
}

export interface Device {
  name: string;
  kind: "scanner" | "printer" | "drawer";
  state: "connecting" | "ready" | "degraded" | "failed";
  code: string | null;
  title: string | null;
  hint: string | null;
}

export interface Product {
  sku: string;
  name: string;
  category: string | null;
  price_minor: number | null;
}

export interface ProductPage {
  products: Product[];
  next: string | null;
}

export type Payment = { kind: "cash"; tendered_minor: number } | { kind: "card"; card: "test-approved" };

export interface BoundDevice {
  name: string;
  kind: string;
  make: string;
  address: string;
  state: "connecting" | "ready" | "degraded" | "failed" | "unwatched";
  code: string | null;
  title: string | null;
  hint: string | null;
  can_be_tried: boolean;
}

export interface UnboundDevice {
  sort: string;
  path: string;
  stable: string;
  title: string;
  offers: string[];
}

export interface DevicesView {
  bound: BoundDevice[];
  unbound: UnboundDevice[];
}

export interface Tried {
  name: string;
  kind: string;
  read: string;
}

export interface TenderFigures {
  kind: "cash" | "card";
  orders: number;
  received_minor: number;
  refunds: number;
  paid_out_minor: number;
}

/** What was sold behind the last closing (X), or until one (Z, which has a number). */
export interface DayReport {
  id: string;
  business_day: string;
  at: string;
  series: string;
  currency: string;
  first_seq: number;
  last_seq: number;
  figures: {
    orders: number;
    refunds: number;
    first_number: string | null;
    last_number: string | null;
    gross_minor: number;
    discount_minor: number;
    total_minor: number;
    donations_minor: number;
    refunded_minor: number;
    rounding_minor: number;
    tenders: TenderFigures[];
  };
}

export interface Closing extends DayReport {
  number: number;
  all_time_minor: number;
}

/** One thing that people do with the box; its words are `can.<key>` and `can.<key>_why`. */
export interface Capability {
  key: string;
  offline: "works" | "limited" | "later" | "not";
}
