import { useEffect, useRef, useState } from "preact/hooks";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { attempt, printCopy } from "./actions";
import type { PaidOrder } from "./api-types";
import { finishWith, lane, unit } from "./lane";
import { Total } from "./total";
import { open } from "./view";

const PRINTING: Record<PaidOrder["printing"], Key> = {
  waiting: "kiosk.printing",
  printed: "kiosk.printed",
  unknown: "kiosk.printing_unknown",
};

function printingWords(order: PaidOrder): Key {
  const isHeld = lane.value?.devices.some((device) => device.kind === "printer" && device.state === "failed");
  return order.printing === "waiting" && isHeld ? "kiosk.printing_later" : PRINTING[order.printing];
}

export function Thanks({ order }: { order: PaidOrder }) {
  const [hasAsked, setAsked] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  function printAgain(): void {
    setAsked(true);
    attempt(printCopy(order.id));
  }

  return (
    <section class="thanks" data-testid="thank-you">
      <div class="thanks-done">
        <Icon name="done" />
        <h2 ref={heading} tabIndex={-1}>
          {t("kiosk.paid")}
        </h2>
        <p>{t("kiosk.thank_you")}</p>
      </div>
      <Money order={order} />
      <div class="thanks-printing">
        <p class={`printing printing-${order.printing}`} role="status" data-testid="printing">
          <Icon name="printer" />
          <span>{t(hasAsked ? "kiosk.copy_asked" : printingWords(order))}</span>
        </p>
        <p class="thanks-number">
          {t("kiosk.receipt")} <bdi data-testid="receipt-number">{order.receipt_number}</bdi>
        </p>
      </div>
      <div class="thanks-actions">
        <button type="button" class="button button-tall" data-testid="show-receipt" onClick={() => open("receipt")}>
          <Icon name="receipt" />
          {t("kiosk.show_receipt")}
        </button>
        <button type="button" class="button button-tall" data-testid="print-again" onClick={printAgain}>
          <Icon name="printer" />
          {t("kiosk.print_again")}
        </button>
        <button type="button" class="button button-primary pay-button" data-testid="new-basket" onClick={() => finishWith(order)}>
          {t("kiosk.done")}
        </button>
      </div>
    </section>
  );
}

function Money({ order }: { order: PaidOrder }) {
  return (
    <dl class="thanks-money">
      {order.change_minor !== null && order.change_minor > 0 && (
        <div class="thanks-change">
          <dt>{t("kiosk.your_change")}</dt>
          <dd>
            <Total minor={order.change_minor} testid="paid-change" />
          </dd>
        </div>
      )}
      <div>
        <dt>{t(order.tender === "cash" ? "kiosk.paid_cash" : "kiosk.paid_card")}</dt>
        <dd>
          <Amount minor={order.tendered_minor ?? order.total_minor} unit={unit.value} />
        </dd>
      </div>
      <div>
        <dt>{t("kiosk.total")}</dt>
        <dd>
          <Amount minor={order.total_minor} unit={unit.value} testid="paid-total" />
        </dd>
      </div>
      {order.saved_minor > 0 && (
        <div class="thanks-saved">
          <dt>{t("kiosk.you_saved")}</dt>
          <dd>
            <Amount minor={order.saved_minor} unit={unit.value} />
          </dd>
        </div>
      )}
    </dl>
  );
}
