import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import type { DayState } from "./book-types";

const ICONS: Record<DayState | "open", IconName> = {
  open: "waiting",
  due: "busy",
  proven: "done",
  differs: "alert",
  incomplete: "help",
};

/** How sure a day is, as icon and word. */
export function DayBadge({ state }: { state: DayState | "open" }) {
  return (
    <span class={`state day-${state}`} data-testid="day-state">
      <Icon name={ICONS[state]} />
      {t(`days.state.${state}`)}
    </span>
  );
}
