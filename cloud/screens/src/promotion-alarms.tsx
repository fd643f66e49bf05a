import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import { fullMoment } from "../../../shared/screens/src/time";
import { acknowledge, alarms } from "./promotions-state";
import { addressOf, follow } from "./router";

/** Orders that head office prices otherwise than their shop did. */
export function PromotionAlarms({ waiting }: { waiting: number }) {
  return (
    <section class="alert alarms" role="status" data-testid="promotion-alarms">
      <Icon name="alert" />
      <div>
        <strong>{counted("promotions.alarms", waiting)}</strong>
        <p>{t("promotions.alarms_hint")}</p>
        <ul>
          {alarms.value.map((alarm) => {
            const to = { page: "orders", order: alarm.order_id, query: "", store: "" } as const;
            return (
              <li key={alarm.order_id} class="alarm" data-testid="alarm">
                <span>
                  <a href={addressOf(to)} onClick={(event) => follow(event, to)}>
                    <bdi>{alarm.receipt_number}</bdi>
                  </a>{" "}
                  · <bdi>{alarm.store_name}</bdi> · {fullMoment(alarm.at)}
                  <span class="alarm-reason">{t(`promotions.alarm.${alarm.reason}`)}</span>
                </span>
                <button type="button" class="button" data-testid="acknowledge" onClick={() => void acknowledge(alarm.order_id)}>
                  <Icon name="check" />
                  {t("promotions.acknowledge")}
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </section>
  );
}
