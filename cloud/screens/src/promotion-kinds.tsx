import { t } from "../../../shared/screens/src/messages";
import { KINDS } from "./promotion-draft";
import type { Family } from "./promotion-types";

export const FAMILIES = Object.keys(KINDS) as Family[];

interface Props {
  chosen: Family;
  /** A promotion that is known keeps its kind: what it did to past orders rests on it. */
  isFixed: boolean;
  onChoose: (family: Family) => void;
}

/** Every kind of promotion, with an example of what it is good for. */
export function KindChoice({ chosen, isFixed, onChoose }: Props) {
  return (
    <div class="kinds" role="radiogroup" aria-label={t("promotions.form.section.kind")}>
      {(isFixed ? [chosen] : FAMILIES).map((family) => (
        <label key={family} class="kind" data-testid={`kind-${family}`}>
          <input type="radio" name="family" checked={family === chosen} disabled={isFixed} onChange={() => onChoose(family)} />
          <span>
            <strong>{t(`promotions.family.${family}`)}</strong>
            <span class="quiet">{t(`promotions.kind_hint.${family}`)}</span>
          </span>
        </label>
      ))}
    </div>
  );
}
