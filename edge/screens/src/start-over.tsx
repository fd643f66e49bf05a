import { Dialog } from "../../../shared/screens/src/dialog";
import { counted, t } from "../../../shared/screens/src/messages";
import { attempt, startOver } from "./actions";
import type { BasketView } from "./api-types";
import { close } from "./view";

export function StartOverDialog({ basket }: { basket: BasketView }) {
  function confirm(): void {
    close();
    attempt(startOver(basket.id));
  }

  return (
    <Dialog title={t("kiosk.start_over_ask")} onClose={close} class="question">
      <p>{t("kiosk.start_over_hint", { items: counted("kiosk.items", basket.quantity) })}</p>
      <div class="answers">
        <button type="button" class="button button-danger button-tall" data-testid="confirm-start-over" onClick={confirm}>
          {t("kiosk.start_over")}
        </button>
        <button type="button" class="button button-tall" onClick={close}>
          {t("kiosk.keep_basket")}
        </button>
      </div>
    </Dialog>
  );
}
