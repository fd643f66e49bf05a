import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, newIntent } from "../../../shared/screens/src/api";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { checkout } from "./actions";
import type { BasketView, Payment } from "./api-types";
import { Donate } from "./donate";
import { takeOrder, unit } from "./lane";
import { PayCard, PayWaiting } from "./pay-card";
import { PayCash } from "./pay-cash";
import { PayChoice } from "./pay-choice";
import { Total } from "./total";
import { isPaying } from "./view";

type Step = "choose" | "cash" | "card";

/** From the total to a paid order. What counts is what the daemon answers, or shows after a reload. */
export function Pay({ basket }: { basket: BasketView }) {
  const [step, setStep] = useState<Step>("choose");
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // An attempt keeps its name until it was answered, so asking again cannot pay twice.
  const intent = useRef<string | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => heading.current?.focus(), [step]);

  async function pay(tender: Payment): Promise<void> {
    intent.current ??= newIntent();
    setAsking(true);
    setProblem(null);
    try {
      takeOrder(await checkout(basket, tender, intent.current));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status !== 0) intent.current = null;
      setProblem(error);
    } finally {
      setAsking(false);
    }
  }

  function turnTo(next: Step): void {
    intent.current = null;
    setProblem(null);
    setStep(next);
  }

  const isWaiting = basket.state === "paying" || (isAsking && step === "card");
  if (isWaiting) return <PayWaiting minor={basket.total_minor} />;
  const due = step === "cash" ? basket.cash_total_minor : basket.total_minor;
  return (
    <section class="pay">
      <header class="pay-head">
        <button
          type="button"
          class="button button-tall"
          data-testid="pay-back"
          onClick={() => (step === "choose" ? (isPaying.value = false) : turnTo("choose"))}
        >
          <Icon name="back" />
          <span class="pay-back-word">{t(step === "choose" ? "kiosk.back_to_basket" : "screen.back")}</span>
        </button>
        <div class="pay-due">
          <h2 ref={heading} tabIndex={-1}>
            {t("kiosk.to_pay")}
          </h2>
          <Total minor={due} />
          {step === "cash" && due !== basket.total_minor && (
            <p class="pay-rounded">
              {t("kiosk.rounded_from")} <Amount minor={basket.total_minor} unit={unit.value} />
            </p>
          )}
        </div>
      </header>
      {problem !== null && <ProblemAlert problem={problem} unit={unit.value} testid="payment-problem" />}
      {step === "choose" && <Donate basket={basket} />}
      {step === "choose" && <PayChoice onChoose={turnTo} />}
      {step === "cash" && <PayCash due={due} isBusy={isAsking} onPay={(given) => void pay({ kind: "cash", tendered_minor: given })} />}
      {step === "card" && <PayCard onPay={() => void pay({ kind: "card", card: "test-approved" })} />}
    </section>
  );
}
