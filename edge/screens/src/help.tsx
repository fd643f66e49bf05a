import { Dialog } from "../../../shared/screens/src/dialog";
import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { close, open } from "./view";

const STEPS: [IconName, Key][] = [
  ["scan", "kiosk.help_scan"],
  ["search", "kiosk.help_pick"],
  ["plus", "kiosk.help_change"],
  ["card", "kiosk.help_pay"],
  ["help", "kiosk.help_staff"],
];

export function HelpDialog() {
  return (
    <Dialog title={t("kiosk.help")} onClose={close}>
      <ol class="help-steps">
        {STEPS.map(([icon, text]) => (
          <li key={text}>
            <Icon name={icon} />
            <span>{t(text)}</span>
          </li>
        ))}
      </ol>
      <button type="button" class="button button-tall help-staff" data-testid="staff" onClick={() => open("staff")}>
        <Icon name="key" />
        {t("kiosk.staff")}
      </button>
      <a class="button button-quiet" href="#offline" data-testid="what-works">
        {t("kiosk.offline")}
      </a>
      <a class="button button-quiet" href="#day" data-testid="day">
        {t("kiosk.day")}
      </a>
      <a class="button button-quiet" href="#devices" data-testid="devices">
        {t("kiosk.devices")}
      </a>
    </Dialog>
  );
}
