import type { Language } from "../../../shared/screens/src/messages";

/** What head office shows live, sent whole after each change. */
export interface OfficeView {
  now: string;
  tenant_name: string;
  stores: StoreView[];
  orders: OrderRow[];
  orders_total: number;
  quarantined: number;
  alarms: number;
  promotion_alarms: number;
}

export interface StoreView {
  id: string;
  code: string;
  name: string;
  country: string;
  currency: string;
  exponent: number;
  language: Language;
  nodes: NodeView[];
}

export interface NodeView {
  id: string;
  name: string;
  series: string;
  enrolled: boolean;
  retired_at: string | null;
  last_contact_at: string | null;
  unsent: number;
  oldest_unsent_at: string | null;
  journal_seq: number;
  software_version: string | null;
  left_out: LeftOut[];
  /** Changes that it has not taken yet, counted to 10,000; null before it asked for the first time. */
  rows_behind: number | null;
  /** When it last had everything. */
  prices_as_of: string | null;
}

/** A promotion that a box cannot read and sells without. */
export interface LeftOut {
  promotion_id: string;
  problem: string;
}

export type TenderKind = "cash" | "card";

export interface OrderRow {
  id: string;
  receipt_number: string;
  store_id: string;
  store_name: string;
  node_name: string;
  placed_at: string;
  received_at: string;
  currency: string;
  exponent: number;
  quantity: number;
  total_minor: number;
  discount_minor: number;
  refunded_minor: number;
  tenders: TenderKind[];
}

export interface OrderPage {
  orders: OrderRow[];
  next: string | null;
}

export interface OrderDetail {
  order: Order;
  refunds: Refund[];
  store_name: string;
  node_name: string;
  received_at: string;
}

export interface Order {
  id: string;
  receipt_number: string;
  store_id: string;
  placed_at: string;
  business_day: string;
  currency: string;
  lines: OrderLine[];
  applications: Application[];
  taxes: TaxTotal[];
  gross_minor: number;
  discount_minor: number;
  total_minor: number;
  rounding_minor: number;
  donation: { name: string; minor: number } | null;
  tenders: Tender[];
}

export interface OrderLine {
  number: number;
  sku: string;
  name: string;
  quantity: number;
  unit_price_minor: number;
  gross_minor: number;
  discount_minor: number;
  total_minor: number;
}

export interface Application {
  promotion_id: string;
  name: string;
  family: string;
  layer: number;
  times: number;
  parts: ApplicationPart[];
  net_minor: number;
  discount_minor: number;
  opened_by: string | null;
}

export interface ApplicationPart {
  line_number: number;
  role: "rewarded" | "full";
  units: number;
  net_minor: number;
  discount_minor: number;
}

export interface TaxTotal {
  tax_class: string;
  rate_bp: number;
  net_minor: number;
  tax_minor: number;
  gross_minor: number;
}

export type Tender =
  | { kind: "cash"; amount_minor: number; tendered_minor: number; change_minor: number }
  | { kind: "card"; amount_minor: number; payment_id: string; reference: string };

export interface Refund {
  id: string;
  receipt_number: string;
  placed_at: string;
  lines: { number: number; name: string; quantity: number; amount_minor: number }[];
  total_minor: number;
}
