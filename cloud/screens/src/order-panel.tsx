import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, read } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { ReceiptPaper } from "../../../shared/screens/src/receipt";
import type { Receipt } from "../../../shared/screens/src/receipt-types";
import type { OrderDetail } from "./api-types";
import { office } from "./office";
import { OrderFacts } from "./order-facts";
import { OrderReasons } from "./order-reasons";
import { rows } from "./orders-state";
import { go } from "./router";

interface Found {
  detail: OrderDetail;
  receipt: Receipt;
}

/** One order beside the list, with an address of its own. */
export function OrderPanel({ id }: { id: string }) {
  const [found, setFound] = useState<Found | Problem | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const refunded = rows.value?.find((row) => row.id === id)?.refunded_minor ?? 0;

  useEffect(() => {
    const path = `/api/orders/${encodeURIComponent(id)}`;
    Promise.all([read<OrderDetail>(path), read<Receipt>(`${path}/receipt`)]).then(
      ([detail, receipt]) => setFound({ detail, receipt }),
      (error: unknown) => {
        if (error instanceof Problem) setFound(error);
      },
    );
  }, [id, refunded]);

  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    function onKey(event: KeyboardEvent): void {
      if (event.key === "Escape") closePanel(id);
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [id]);

  const isFound = found !== null && !(found instanceof Problem);
  const number = isFound ? found.detail.order.receipt_number : "";
  return (
    <aside class="panel" aria-labelledby="panel-title" data-testid="order-panel">
      <header class="panel-head">
        <h2 id="panel-title" ref={heading} tabIndex={-1}>
          {t("office.order", { number })}
        </h2>
        <button type="button" class="button button-quiet" aria-label={t("screen.close")} data-testid="close-panel" onClick={() => closePanel(id)}>
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body">
        {found === null && <p class="quiet">{t("screen.loading")}</p>}
        {found instanceof Problem && <ProblemAlert problem={found} />}
        {isFound && (
          <>
            <OrderFacts detail={found.detail} exponent={exponentOf(found.detail)} />
            <OrderReasons id={id} />
            <ReceiptPaper receipt={found.receipt} />
          </>
        )}
      </div>
    </aside>
  );
}

function closePanel(id: string): void {
  go({ order: null });
  document.querySelector<HTMLElement>(`tr[data-id="${CSS.escape(id)}"]`)?.focus();
}

function exponentOf(detail: OrderDetail): number {
  return office.value?.stores.find((store) => store.id === detail.order.store_id)?.exponent ?? 2;
}
