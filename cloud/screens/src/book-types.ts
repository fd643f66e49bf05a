/** Days, alarms and entries that could not be applied, as the service answers them. */

export type DayState = "due" | "proven" | "differs" | "incomplete";

export interface DayOfNode {
  node_id: string;
  node_name: string;
  store_id: string;
  store_name: string;
  business_day: string | null;
  first_number: string | null;
  last_number: string | null;
  orders: number;
  refunds: number;
  currency: string;
  exponent: number;
  total_minor: number;
  refunded_minor: number;
  kept_minor: number;
  problems: number;
}

export interface ClosedDay extends DayOfNode {
  id: string;
  number: number;
  business_day: string;
  closed_at: string;
  received_at: string;
  state: DayState;
  checked_at: string | null;
}

export interface OpenDay extends DayOfNode {
  last_seq: number;
  at: string;
}

export interface DayPage {
  days: ClosedDay[];
  open: OpenDay[];
  counts: Record<DayState, number>;
  next: string | null;
}

export type FindingKind =
  | "missing"
  | "repeated"
  | "absent"
  | "foreign_series"
  | "foreign_currency"
  | "waiting"
  | "settled"
  | "not_held"
  | "previous_missing"
  | "span_gap"
  | "span_overlap"
  | "not_summed";

export interface Finding {
  kind: FindingKind;
  first: string;
  last: string | null;
}

export type Told = number | string | null;

export interface Difference {
  field: string;
  told: Told;
  found: Told;
}

export interface Figures {
  [field: string]: Told | Record<string, Told>[];
}

export interface DayDetail {
  day: ClosedDay;
  closing: { first_seq: number; last_seq: number; all_time_minor: number; figures: Figures };
  verdict: {
    entries: number;
    found: Figures | null;
    differences: Difference[];
    findings: Finding[];
    findings_more: number;
    corrected: number[];
  } | null;
}

export type AlarmKind =
  | "gap"
  | "repeat"
  | "series"
  | "set_back"
  | "cloned"
  | "broken"
  | "foreign_key"
  | "retired"
  | "returned"
  | "unsent"
  | "silent"
  | "day";

export interface NodeAlarm {
  number: number;
  kind: AlarmKind;
  node_id: string;
  node_name: string;
  store_id: string;
  store_name: string;
  facts: Record<string, string | number | null>;
  first_seen: string;
  last_seen: string;
  count: number;
  state: "open" | "settled";
  author: string | null;
  note: string | null;
  settled_at: string | null;
}

export interface NodeAlarmPage {
  alarms: NodeAlarm[];
  next: string | null;
  open: number;
}

export type EntryState = "waiting" | "settled" | "applied";
export type EntryKind = "unknown" | "unreadable" | "refused";

export interface SetAside {
  node_id: string;
  node_name: string;
  store_id: string;
  store_name: string;
  seq: number;
  state: EntryState;
  kind: EntryKind;
  event: string | null;
  version: number | null;
  reason: string;
  at: string;
  tries: number;
  tried_at: string;
}

export interface SetAsidePage {
  entries: SetAside[];
  next: string | null;
  waiting: number;
}

export interface Repair {
  act: "replayed" | "corrected" | "settled";
  author: string | null;
  note: string | null;
  event: string | null;
  version: number | null;
  body: object | null;
  reason: string;
  at: string;
}

export interface EntryDetail {
  node_id: string;
  node_name: string;
  store_id: string;
  store_name: string;
  seq: number;
  state: EntryState;
  kind: EntryKind | null;
  event: string | null;
  version: number | null;
  reason: string;
  at: string | null;
  tries: number;
  received_at: string;
  raw: string;
  raw_length: number;
  repairs: Repair[];
}
