import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";

export function FirstStore() {
  return (
    <div class="empty">
      <Icon name="store" />
      <h1>{t("office.no_stores")}</h1>
      <p class="quiet">{t("office.no_stores_hint")}</p>
      <ol class="steps">
        <li>{t("office.first_step")}</li>
        <li>{t("office.second_step")}</li>
        <li>{t("office.third_step")}</li>
      </ol>
    </div>
  );
}
