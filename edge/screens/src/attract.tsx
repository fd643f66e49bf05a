import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { lane } from "./lane";
import { open } from "./view";

/** Nobody is here yet: say how to begin. */
export function Attract() {
  return (
    <section class="attract">
      <div class="attract-invitation">
        <div class="attract-picture" aria-hidden="true">
          <Icon name="scan" />
          <span class="attract-beam" />
        </div>
        <h2>{t("kiosk.scan_first")}</h2>
      </div>
      <p class="attract-hint">{t("kiosk.scan_first_hint")}</p>
      <div class="attract-actions">
        <button type="button" class="button button-tall" data-testid="start-pick" onClick={() => open("pick")}>
          <Icon name="search" />
          {t("kiosk.pick")}
        </button>
        <button type="button" class="button button-tall" data-testid="type-number" onClick={() => open("number")}>
          <Icon name="number" />
          {t("kiosk.type_number")}
        </button>
        {lane.value?.hands_over && (
          <button type="button" class="button button-tall" data-testid="continue" onClick={() => open("continue")}>
            <Icon name="elsewhere" />
            {t("kiosk.continue")}
          </button>
        )}
      </div>
    </section>
  );
}
