import type { Language } from "./messages";

/** A receipt as a document, as `shared/receipts/document.py` writes it: every amount is already text. */
export interface Receipt {
  kind: "sale" | "refund";
  language: Language;
  currency: string;
  number: string;
  is_copy: boolean;
  store: string[];
  placed_at: string;
  code: string;
  original: string | null;
  items: ReceiptItem[];
  subtotal: string | null;
  saved: string | null;
  donation: LabelledAmount | null;
  total: string;
  taxes: TaxRow[];
  payments: LabelledAmount[];
  vouchers: LabelledAmount[];
  lotteries: LabelledAmount[];
  footer: string[];
}

export interface LabelledAmount {
  label: string;
  amount: string;
}

export interface ReceiptItem {
  name: string;
  detail: string | null;
  amount: string;
  savings: LabelledAmount[];
}

export interface TaxRow {
  rate: string;
  net: string;
  tax: string;
  gross: string;
}
