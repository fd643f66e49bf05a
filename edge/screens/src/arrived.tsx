import { signal } from "@preact/signals";
import { Icon } from "../../../shared/screens/src/icons";
import { isolated, t } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import type { Arrived } from "./api-types";
import { lane, unit } from "./lane";

/** The basket whose shopper has read it. */
const seen = signal<string | null>(null);

/** What of a basket that came from another till does not hold here; it is said until somebody has read it. */
export function ArrivedNote() {
  const arrived = lane.value?.arrived ?? null;
  if (arrived === null || arrived.code === seen.value || !hasChanged(arrived)) return null;
  const totals = { before: amount(arrived.shown_minor), now: amount(arrived.due_minor) };
  return (
    <div class="arrived" role="status" data-testid="arrived">
      <Icon name="elsewhere" />
      <p>
        <strong>{t("kiosk.arrived", { place: arrived.place })}</strong>{" "}
        {arrived.missing.length > 0 && <span>{t("kiosk.arrived_missing", { names: arrived.missing.join(" · ") })} </span>}
        {arrived.shown_minor !== arrived.due_minor && <span>{t("kiosk.arrived_total", totals)}</span>}
      </p>
      <button type="button" class="button" data-testid="arrived-seen" onClick={() => (seen.value = arrived.code)}>
        {t("kiosk.arrived_seen")}
      </button>
    </div>
  );
}

function amount(minor: number): string {
  return isolated(money(minor, unit.value));
}

function hasChanged(arrived: Arrived): boolean {
  return arrived.missing.length > 0 || arrived.shown_minor !== arrived.due_minor;
}
