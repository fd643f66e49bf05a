import { useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Amount } from "../../../shared/screens/src/amount";
import { locale, t, type Key } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { giveDiscount } from "./actions";
import type { BasketView, Discount } from "./api-types";
import { append, minorOf } from "./cash-entry";
import { Keypad } from "./keypad";
import { unit } from "./lane";
import type { Staff } from "./staff";
import { close } from "./view";

const REASONS: Key[] = ["kiosk.reason.damaged", "kiosk.reason.date", "kiosk.reason.shelf", "kiosk.reason.goodwill"];
const PERCENT_DECIMALS = 2; // basis points are hundredths of a percent
const WHOLE_BP = 10_000;

interface Props {
  basket: BasketView;
  staff: Staff;
  /** The daemon does not take the key. */
  onRefused: (problem: Problem) => void;
}

/** On what, how much, why. What may be given is the daemon's to say; it knows the store's caps. */
export function DiscountForm({ basket, staff, onRefused }: Props) {
  const [line, setLine] = useState<number | null>(basket.lines.length === 1 ? basket.lines[0]!.number : null);
  const [isPercent, setPercent] = useState(true);
  const [typed, setTyped] = useState("");
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);

  const decimals = isPercent ? PERCENT_DECIMALS : unit.value.exponent;
  const value = minorOf(typed, decimals);
  const point = (1.5).toLocaleString(locale.value).charAt(1);
  const shown = isPercent ? percent(value) : money(value, unit.value);
  const isReady = value > 0 && (!isPercent || value <= WHOLE_BP) && reason.trim() !== "" && !isBusy;

  async function give(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const common = { line, reason: reason.trim(), operator: staff.name };
    const discount: Discount = isPercent ? { ...common, percent_bp: value } : { ...common, amount_minor: value };
    try {
      await giveDiscount(basket.id, discount, staff.key);
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.code === "attendant-only") onRefused(error);
      else setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="entry discount" onSubmit={(event) => void give(event)}>
      <label class="entry-field discount-on">
        {t("kiosk.discount_on")}
        <select
          class="field"
          data-testid="discount-on"
          value={line ?? ""}
          onChange={(event) => setLine(Number(event.currentTarget.value) || null)}
        >
          <option value="">{t("kiosk.discount_all")}</option>
          {basket.lines.map((each) => (
            <option key={each.number} value={each.number}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="discount-why">
        <legend>{t("kiosk.discount_why")}</legend>
        <div class="chips">
          {REASONS.map((key) => (
            <button key={key} type="button" class="button" aria-pressed={reason === t(key)} onClick={() => setReason(t(key))}>
              {t(key)}
            </button>
          ))}
        </div>
        <input
          class="field"
          dir="auto"
          maxLength={200}
          aria-label={t("kiosk.discount_reason")}
          placeholder={t("kiosk.discount_reason")}
          data-testid="discount-reason"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </fieldset>
      <fieldset class="discount-much">
        <legend>{t("kiosk.discount_much")}</legend>
        <div class="chips">
          {[true, false].map((each) => (
            <button
              key={String(each)}
              type="button"
              class="button"
              aria-pressed={isPercent === each}
              data-testid={each ? "discount-percent" : "discount-amount"}
              onClick={() => {
                setPercent(each);
                setTyped("");
              }}
            >
              {t(each ? "kiosk.discount_percent" : "kiosk.discount_amount")}
            </button>
          ))}
        </div>
        <p class="entry-shown" role="status">
          {isPercent ? <bdi>{shown}</bdi> : <Amount minor={value} unit={unit.value} />}
        </p>
        <Keypad
          onKey={(key) => setTyped(append(typed, key === point ? "." : key, decimals))}
          {...(decimals > 0 ? { extra: point } : {})}
        />
      </fieldset>
      {problem !== null && <ProblemAlert problem={problem} unit={unit.value} testid="discount-problem" />}
      <button type="submit" class="button button-primary button-tall" data-testid="discount-give" disabled={!isReady}>
        {t("kiosk.discount_give", { amount: shown })}
      </button>
    </form>
  );
}

function percent(basisPoints: number): string {
  const style = { style: "percent", maximumFractionDigits: PERCENT_DECIMALS } as const;
  return new Intl.NumberFormat(locale.value, style).format(basisPoints / WHOLE_BP);
}
