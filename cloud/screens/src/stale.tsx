import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { moment } from "../../../shared/screens/src/time";
import { connected, sureAt } from "./office";

/** Says when the picture was last sure; it stays readable and is never thrown away. */
export function Stale() {
  if (connected.value) return <div class="stale-place" role="status" />;
  const time = moment(new Date(sureAt.value).toISOString(), Date.now());
  return (
    <div class="stale-place" role="status">
      <p class="alert stale" data-testid="stale">
        <Icon name="disconnected" />
        <span>
          <strong>{t("office.stale")}</strong> {t("office.stale_since", { time })}
        </span>
      </p>
    </div>
  );
}
