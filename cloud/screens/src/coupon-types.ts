export interface CouponTerms {
  name: string;
  kind: "shared" | "batch";
  text: string;
  size: number | null;
  max_uses_per_code: number | null;
  max_uses_per_customer: number | null;
  max_uses_total: number | null;
  opens: string | null;
  closes: string | null;
  leased_uses: number;
}

export interface Campaign {
  id: string;
  state: "active" | "ended";
  terms: CouponTerms;
  used: number;
  reserved: number;
  leased: number;
  left: number | null;
}
