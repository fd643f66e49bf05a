/** What is tried, on which orders. */
export interface TrialRequest {
  pack: string | null;
  drafts: boolean;
  since: string | null;
  until: string | null;
  orders: number;
  dates: boolean;
}

export interface TrialView {
  id: string;
  request: TrialRequest;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  asked_at: string;
  orders_done: number;
  orders_total: number | null;
  result: Trial | null;
  problem: string | null;
}

export interface Trial {
  promotions: number;
  orders: number;
  currencies: CurrencyTrial[];
}

export interface CurrencyTrial {
  currency: string;
  orders: number;
  different: number;
  unproven: number;
  gross_minor: number;
  discount_before_minor: number;
  discount_after_minor: number;
  promotions: { promotion_id: string; name: string; before: Sums; after: Sums }[];
  biggest: {
    order_id: string;
    receipt_number: string;
    gross_minor: number;
    discount_before_minor: number;
    discount_after_minor: number;
  }[];
}

export interface Sums {
  orders: number;
  applications: number;
  discount_minor: number;
}
