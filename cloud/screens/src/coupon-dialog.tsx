import { useState } from "preact/hooks";
import { send } from "../../../shared/screens/src/api";
import { t } from "../../../shared/screens/src/messages";
import type { Campaign, CouponTerms } from "./coupon-types";
import { EditDialog } from "./editing";
import { ChoiceField, TextField } from "./fields";
import { numeric, textOf } from "./promotion-values";

const COUNTS = ["max_uses_per_code", "max_uses_per_customer", "max_uses_total"] as const;
type Draft = Record<Exclude<keyof CouponTerms, "kind"> | "id", string> & { kind: CouponTerms["kind"] };

interface Props {
  /** The campaign to change, null for a new one. */
  known: Campaign | null;
  onDone: () => void;
  onClose: () => void;
}

/** The terms of a coupon campaign. Codes may be out in the world, so what they rest on is fixed once it has begun. */
export function CouponDialog({ known, onDone, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(known));
  const path = `/api/coupons/${encodeURIComponent(draft.id.trim())}`;
  const put = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  const isBatch = draft.kind === "batch";
  const field = (name: Exclude<keyof Draft, "kind">) => ({ path: name, value: draft[name], onType: (text: string) => put({ [name]: text }) });
  return (
    <EditDialog
      title={known === null ? t("coupons.new") : known.terms.name}
      save={() => send("PUT", path, termsOf(draft))}
      {...(known?.state === "active" ? { end: () => send("DELETE", path) } : {})}
      onDone={onDone}
      onClose={onClose}
    >
      <div class="form-grid">
        <TextField word="specials.name" {...field("name")} />
        <TextField word="specials.id" isFixed={known !== null} {...field("id")} />
        {known === null && (
          <ChoiceField word="coupons.kind" path="kind" value={draft.kind} options={["shared", "batch"]} say={(each) => t(`coupons.kind.${each}`)}
            onChoose={(kind) => put({ kind })} />
        )}
        <TextField word="coupons.text" isFixed={known !== null && isBatch} {...field("text")} />
        {isBatch && <TextField word="coupons.size" mode="numeric" {...field("size")} />}
        {COUNTS.filter((name) => isBatch || name !== "max_uses_per_code").map((name) => (
          <TextField key={name} word={`coupons.${name}`} mode="numeric" hint="specials.no_limit" {...field(name)} />
        ))}
        <TextField word="specials.opens" type="date" {...field("opens")} />
        <TextField word="specials.closes" type="date" {...field("closes")} />
        <TextField word="coupons.leased_uses" mode="numeric" hint="coupons.leased_hint" {...field("leased_uses")} />
      </div>
    </EditDialog>
  );
}

function draftOf(known: Campaign | null): Draft {
  const terms: Partial<CouponTerms> = known?.terms ?? {};
  return {
    id: known?.id ?? "",
    name: textOf(terms.name),
    kind: terms.kind ?? "shared",
    text: textOf(terms.text),
    size: textOf(terms.size ?? 1000),
    max_uses_per_code: textOf(known === null ? 1 : terms.max_uses_per_code),
    max_uses_per_customer: textOf(terms.max_uses_per_customer),
    max_uses_total: textOf(terms.max_uses_total),
    opens: textOf(terms.opens),
    closes: textOf(terms.closes),
    leased_uses: textOf(terms.leased_uses ?? 5),
  };
}

function termsOf(draft: Draft): object {
  const isBatch = draft.kind === "batch";
  return {
    name: draft.name.trim(),
    kind: draft.kind,
    text: draft.text.trim(),
    size: isBatch ? numeric(draft.size, 0) : null,
    max_uses_per_code: isBatch ? (numeric(draft.max_uses_per_code, 0) ?? null) : null,
    max_uses_per_customer: numeric(draft.max_uses_per_customer, 0) ?? null,
    max_uses_total: numeric(draft.max_uses_total, 0) ?? null,
    opens: draft.opens || null,
    closes: draft.closes || null,
    leased_uses: numeric(draft.leased_uses, 0) ?? 0,
  };
}
