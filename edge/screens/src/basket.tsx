import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import type { BasketView } from "./api-types";
import { attempt, park } from "./actions";
import { ArrivedNote } from "./arrived";
import { Extras, hasExtras } from "./extras";
import { lane } from "./lane";
import { LastAdded } from "./last-added";
import { LineRow } from "./line";
import { Summary } from "./summary";
import { open } from "./view";

export function BasketScreen({ basket }: { basket: BasketView }) {
  return (
    <section class="basket" aria-label={t("kiosk.basket")}>
      <LastAdded />
      <ArrivedNote />
      <Lines basket={basket} />
      <div class="tools">
        <button type="button" class="button" data-testid="start-pick" onClick={() => open("pick")}>
          <Icon name="search" />
          {t("kiosk.pick")}
        </button>
        <button type="button" class="button" data-testid="type-number" onClick={() => open("number")}>
          <Icon name="number" />
          {t("kiosk.type_number")}
        </button>
        {lane.value?.hands_over && (
          <button
            type="button"
            class="button"
            data-testid="park"
            disabled={basket.quantity === 0}
            onClick={() => attempt(park(basket.id))}
          >
            <Icon name="elsewhere" />
            {t("kiosk.park")}
          </button>
        )}
        <button type="button" class="button" data-testid="start-over" onClick={() => open("start-over")}>
          <Icon name="remove" />
          {t("kiosk.start_over")}
        </button>
      </div>
      <Summary basket={basket} />
    </section>
  );
}

function Lines({ basket }: { basket: BasketView }) {
  if (basket.lines.length === 0 && !hasExtras(basket)) {
    return (
      <div class="lines lines-empty">
        <Icon name="basket" />
        <p>{t("kiosk.basket_empty")}</p>
      </div>
    );
  }
  const newestFirst = [...basket.lines].reverse();
  return (
    <ol class="lines" tabIndex={-1} aria-label={t("kiosk.basket")}>
      {newestFirst.map((line) => (
        <LineRow key={line.number} basketId={basket.id} line={line} />
      ))}
      <Extras basket={basket} />
    </ol>
  );
}
