import { useEffect, useState } from "preact/hooks";
import { Problem, read } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { language, t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { OrderPricing } from "./promotion-types";

/** Why promotions did or did not apply to an order; priced again only when somebody asks. */
export function OrderReasons({ id }: { id: string }) {
  const [isOpen, setOpen] = useState(false);
  const [found, setFound] = useState<OrderPricing | Problem | null>(null);
  const spoken = language.value;

  useEffect(() => {
    if (!isOpen) return;
    read<OrderPricing>(`/api/orders/${encodeURIComponent(id)}/pricing?language=${spoken}`).then(
      setFound,
      (error: unknown) => {
        if (error instanceof Problem) setFound(error);
      },
    );
  }, [id, isOpen, spoken]);

  return (
    <details class="reasons" data-testid="order-reasons" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("promotions.why")}</summary>
      {found === null && <p class="quiet">{t("screen.loading")}</p>}
      {found instanceof Problem && <ProblemAlert problem={found} />}
      {found !== null && !(found instanceof Problem) && <Reasons pricing={found} />}
    </details>
  );
}

function Reasons({ pricing }: { pricing: OrderPricing }) {
  if (pricing.reasons.length === 0) return <p class="quiet">{t("promotions.why_none")}</p>;
  return (
    <>
      {!pricing.same && (
        <p class="alert">
          <Icon name="alert" />
          {t("promotions.why_different")}
        </p>
      )}
      <ul class="reason-list">
        {pricing.reasons.map((reason) => (
          <li key={reason.promotion_id} class={reason.applied ? "reason reason-applied" : "reason"} data-testid="reason">
            <Icon name={reason.applied ? "saving" : "minus"} />
            <span>
              <strong>
                <bdi>{reason.name}</bdi>
              </strong>
              {reason.text}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
