import { useEffect, useRef } from "preact/hooks";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { attempt, goOn } from "./actions";
import type { ParkedBasket } from "./api-types";
import { leave, unit } from "./lane";
import { QrCode } from "./qr-code";

const SHOWN_MS = 120_000; // then the next shopper stands here, whom the code is nothing to do with

/** The code under which the basket waits: to be read from a step away, photographed, or scanned. */
export function ParkedScreen({ waiting }: { waiting: ParkedBasket }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => leave(waiting), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [waiting.code]);

  const half = waiting.code.length / 2;
  return (
    <section class="parked" data-testid="parked">
      <div class="parked-say">
        <h2 ref={heading} tabIndex={-1}>
          {t("kiosk.parked")}
        </h2>
        <p>{t("kiosk.parked_hint")}</p>
      </div>
      <div class="parked-card">
        <p class="parked-code" dir="ltr" aria-label={t("kiosk.parked_code", { code: [...waiting.code].join(" ") })}>
          <span>{waiting.code.slice(0, half)}</span>
          <span data-testid="parked-code" data-code={waiting.code}>
            {waiting.code.slice(half)}
          </span>
        </p>
        <QrCode rows={waiting.qr} />
        <p class="parked-total">
          {t("kiosk.total")} <Amount minor={waiting.total_minor} unit={{ ...unit.value, currency: waiting.currency }} />
        </p>
      </div>
      <div class="parked-actions">
        <button type="button" class="button button-tall" data-testid="take-back" onClick={() => attempt(goOn(waiting.code))}>
          <Icon name="back" />
          {t("kiosk.parked_back")}
        </button>
        <button type="button" class="button button-primary pay-button" data-testid="parked-done" onClick={() => leave(waiting)}>
          {t("kiosk.done")}
        </button>
      </div>
    </section>
  );
}
