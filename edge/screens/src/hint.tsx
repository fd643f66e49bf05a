import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import type { Hint } from "./api-types";
import { unit } from "./lane";

/** What is missing for a promotion that nearly applies, and what it brings. */
export function HintNote({ hint }: { hint: Hint }) {
  const missing =
    hint.missing_quantity > 0
      ? counted("kiosk.more", hint.missing_quantity)
      : t("kiosk.more_amount", { amount: money(hint.missing_minor, unit.value) });
  return (
    <span class="hint-note" data-testid="hint">
      <Icon name="plus" />
      <span>
        {missing}: <bdi>{hint.name}</bdi> ({t("kiosk.saves", { amount: money(hint.gain_minor, unit.value) })})
      </span>
    </span>
  );
}
