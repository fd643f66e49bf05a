import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { minute } from "../../../shared/screens/src/time";
import type { HeadOffice } from "./api-types";

const TEXTS = { fresh: "prices.fresh", old: "prices.old", unknown: "prices.unknown" } as const;

/** How old the prices may be: quiet while they are fresh, and a warning when nobody can vouch for them any more. */
export function PricesAsOf({ office }: { office: HeadOffice }) {
  if (office.prices_as_of === null) return null;
  if (!areOld(office)) {
    return (
      <p class="prices-fresh" data-testid="prices-as-of">
        {pricesText(office)}
      </p>
    );
  }
  return (
    <p class="chip chip-old" role="status" data-testid="prices-as-of" data-state={office.prices}>
      <Icon name="waiting" />
      <span>{pricesText(office)}</span>
    </p>
  );
}

export function areOld(office: HeadOffice): boolean {
  return office.prices_as_of !== null && office.prices !== "fresh";
}

export function pricesText(office: HeadOffice): string {
  return office.prices_as_of === null ? "" : t(TEXTS[office.prices], { time: minute(office.prices_as_of, Date.now()) });
}
