import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { online } from "./lane";
import { Total } from "./total";

export function PayCard({ onPay }: { onPay: () => void }) {
  return (
    <div class="pay-card">
      <div class="present" aria-hidden="true">
        <Icon name="present" />
      </div>
      <h3>{t("kiosk.present_card")}</h3>
      <p class="pay-note">{t(online.value ? "kiosk.test_card_hint" : "kiosk.card_away")}</p>
      <button
        type="button"
        class="button button-primary pay-button"
        data-testid="confirm-payment"
        disabled={!online.value}
        onClick={onPay}
      >
        {t("kiosk.present_test_card")}
      </button>
    </div>
  );
}

/** The bank is being asked. There is nothing to press: every way out of here is the daemon's. */
export function PayWaiting({ minor }: { minor: number }) {
  return (
    <section class="pay pay-waiting" role="status" data-testid="payment-waiting">
      <div class="present present-busy">
        <Icon name="busy" />
      </div>
      <h2>{t("kiosk.asking_bank")}</h2>
      <Total minor={minor} />
      <p class="pay-note">{t("kiosk.asking_bank_hint")}</p>
    </section>
  );
}
