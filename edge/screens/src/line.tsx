import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import type { Line } from "./api-types";
import { HintNote } from "./hint";
import { changed, unit } from "./lane";
import { Stepper } from "./stepper";

export function LineRow({ basketId, line }: { basketId: string; line: Line }) {
  const isChanged = changed.value.has(line.number);
  return (
    <li class="line" data-testid="line" data-sku={line.sku}>
      {isChanged && <span class="mark" key={`${line.quantity}.${line.discount_minor}`} />}
      <div class="line-what">
        <p class="line-name">
          <bdi>{line.name}</bdi>
        </p>
        {line.quantity > 1 && (
          <span class="line-each">
            <Amount minor={line.unit_price_minor} unit={unit.value} bare /> {t("kiosk.each")}
          </span>
        )}
        {line.promotions.map((promotion) => (
          <span class="saving-note" key={promotion.name}>
            <Icon name="saving" />
            <bdi>{promotion.name}</bdi>
            <Amount minor={-promotion.discount_minor} unit={unit.value} bare />
          </span>
        ))}
        {line.hint !== null && <HintNote hint={line.hint} />}
      </div>
      <Stepper basketId={basketId} line={line} />
      <p class="line-price">
        {line.discount_minor > 0 && (
          <s>
            <span class="visually-hidden">{t("kiosk.instead_of")} </span>
            <Amount minor={line.gross_minor} unit={unit.value} bare />
          </s>
        )}
        <Amount minor={line.total_minor} unit={unit.value} bare />
      </p>
    </li>
  );
}
