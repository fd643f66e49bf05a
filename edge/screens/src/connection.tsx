import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { basket, paid } from "./lane";

/** Before the first picture: quiet at first, then it says what is missing. */
export function Connecting() {
  return (
    <main class="away away-patient" data-testid="offline">
      <Icon name="disconnected" />
      <h1>{t("kiosk.no_connection")}</h1>
      <p>{t("kiosk.no_connection_hint")}</p>
    </main>
  );
}

/** The daemon is away. It owns the truth, so nothing is lost and nothing can be touched until it is back. */
export function ConnectionLost() {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog
      ref={element}
      class="dialog away-card"
      role="alertdialog"
      aria-labelledby="away-title"
      data-testid="offline"
      onCancel={(event) => event.preventDefault()}
    >
      <Icon name="disconnected" />
      <h1 id="away-title">{t("kiosk.no_connection")}</h1>
      <p class="away-money">{reassurance()}</p>
      <p>{t("kiosk.no_connection_hint")}</p>
    </dialog>
  );
}

function reassurance(): string {
  if (paid.value !== null) return t("kiosk.paid_and_kept");
  if (basket.value?.state === "paying") return t("kiosk.payment_will_show");
  return basket.value === null ? "" : t("kiosk.basket_kept");
}
