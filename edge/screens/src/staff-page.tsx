import type { ComponentChildren } from "preact";
import { LanguageSwitch } from "../../../shared/screens/src/language-switch";
import { t } from "../../../shared/screens/src/messages";
import { speak } from "./preferences";

/** A page for the people of the shop, beside the kiosk: its title, the language, the way back. */
export function StaffPage({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="devices">
      <header class="devices-head">
        <h1>{title}</h1>
        <LanguageSwitch onChoose={speak} />
        <a class="button" href="#">
          {t("staff.back")}
        </a>
      </header>
      {children}
    </div>
  );
}
