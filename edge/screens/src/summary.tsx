import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import type { BasketView } from "./api-types";
import { HintNote } from "./hint";
import { unit } from "./lane";
import { Rolling } from "./rolling";
import { isPaying } from "./view";

export function Summary({ basket }: { basket: BasketView }) {
  return (
    <div class="summary">
      <div class="summary-facts">
        <span>{counted("kiosk.items", basket.quantity)}</span>
        <span class="summary-saving saving-note" data-testid="saving" hidden={basket.discount_minor === 0}>
          <Icon name="saving" />
          {t("kiosk.you_save")} <Amount minor={basket.discount_minor} unit={unit.value} />
        </span>
        {basket.hint !== null && <HintNote hint={basket.hint} />}
      </div>
      <p class="summary-total">
        <span class="summary-label">{t("kiosk.total")}</span>
        <Rolling minor={basket.total_minor} />
      </p>
      <button
        type="button"
        class="button button-primary pay-button"
        data-testid="pay"
        disabled={basket.quantity === 0}
        onClick={() => (isPaying.value = true)}
      >
        {t("kiosk.pay")}
        <Icon name="onward" />
      </button>
    </div>
  );
}
