import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { changed, lastLine, unit } from "./lane";

/** What was scanned last, large enough to be seen while the hands are busy. */
export function LastAdded() {
  const line = lastLine.value;
  return (
    <div class="last-added" aria-hidden="true">
      <p class="last-label">
        <Icon name="scan" />
        {line === null ? t("kiosk.scan_next") : t("kiosk.last_added")}
      </p>
      {line !== null && (
        <div class={changed.value.has(line.number) ? "last-line marked" : "last-line"} key={`${line.number}.${line.quantity}`}>
          <p class="last-name">
            <bdi>{line.name}</bdi>
          </p>
          <p class="last-price">
            {line.quantity > 1 && (
              <bdi class="last-each">
                {whole(line.quantity)} × <Amount minor={line.unit_price_minor} unit={unit.value} bare />
              </bdi>
            )}
            <Amount minor={line.total_minor} unit={unit.value} />
          </p>
          {line.promotions.length > 0 && (
            <p class="saving-note">
              <Icon name="saving" />
              <bdi>{line.promotions.map((promotion) => promotion.name).join(" · ")}</bdi>
            </p>
          )}
        </div>
      )}
    </div>
  );
}
