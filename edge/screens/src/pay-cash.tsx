import { useState } from "preact/hooks";
import { Amount } from "../../../shared/screens/src/amount";
import { locale, t } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import { append, minorOf, quickAmounts, textOf } from "./cash-entry";
import { Keypad } from "./keypad";
import { store, unit } from "./lane";

interface Props {
  due: number;
  isBusy: boolean;
  onPay: (given: number) => void;
}

export function PayCash({ due, isBusy, onPay }: Props) {
  const [typed, setTyped] = useState("");
  const { exponent } = unit.value;
  const given = minorOf(typed, exponent);
  const point = (1.5).toLocaleString(locale.value).charAt(1);
  const choose = (minor: number) => setTyped(textOf(minor, exponent));

  return (
    <div class="pay-cash">
      <div class="quick" role="group" aria-label={t("kiosk.given")}>
        <button type="button" class="button quick-exact" data-testid="cash-exact" aria-pressed={given === due} onClick={() => choose(due)}>
          <span>{t("kiosk.exact")}</span>
          <Amount minor={due} unit={unit.value} />
        </button>
        {quickAmounts(due, store.value?.cash_increment_minor ?? 1).map((minor) => (
          <button key={minor} type="button" class="button" data-testid="cash-quick" aria-pressed={given === minor} onClick={() => choose(minor)}>
            <Amount minor={minor} unit={unit.value} />
          </button>
        ))}
      </div>
      <Keypad
        onKey={(key) => setTyped(append(typed, key === point ? "." : key, exponent))}
        {...(exponent > 0 ? { extra: point } : {})}
      />
      <div class="pay-sums">
        <dl>
          <div>
            <dt>{t("kiosk.given")}</dt>
            <dd>
              <Amount minor={given} unit={unit.value} testid="given" />
            </dd>
          </div>
          <div class="pay-change">
            <dt>{t(given < due ? "kiosk.missing" : "kiosk.change")}</dt>
            <dd>
              <Amount minor={Math.abs(given - due)} unit={unit.value} testid="change" />
            </dd>
          </div>
        </dl>
        <button
          type="button"
          class="button button-primary pay-button"
          data-testid="confirm-payment"
          disabled={isBusy || given < due}
          onClick={() => onPay(given)}
        >
          {given < due ? t("kiosk.pay_cash") : t("kiosk.pay_amount", { amount: money(due, unit.value) })}
        </button>
      </div>
    </div>
  );
}
