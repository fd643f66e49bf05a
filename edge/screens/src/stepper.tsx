import { useRef } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { setQuantity } from "./actions";
import type { Line } from "./api-types";
import { tellProblem } from "./notices";
import { open } from "./view";

const QUANTITY_MAX = 9999;

export function Stepper({ basketId, line }: { basketId: string; line: Line }) {
  // Quick presses count on from what was asked for, not from what was answered so far.
  const asked = useRef<number | null>(null);

  async function step(by: number): Promise<void> {
    const quantity = Math.min(Math.max((asked.current ?? line.quantity) + by, 0), QUANTITY_MAX);
    asked.current = quantity;
    if (quantity === 0) document.querySelector<HTMLElement>(".lines")?.focus();
    try {
      await setQuantity(basketId, line.number, quantity);
    } catch (error) {
      tellProblem(error);
    } finally {
      if (asked.current === quantity) asked.current = null;
    }
  }

  const isLast = line.quantity === 1;
  return (
    <div class="stepper" role="group" aria-label={t("kiosk.quantity_of", { name: line.name })}>
      <button
        type="button"
        class="button"
        data-testid="line-minus"
        aria-label={t(isLast ? "kiosk.remove" : "kiosk.one_less", { name: line.name })}
        onClick={() => void step(-1)}
      >
        <Icon name={isLast ? "remove" : "minus"} />
      </button>
      <button
        type="button"
        class="button button-quiet stepper-quantity"
        data-testid="line-quantity"
        aria-label={t("kiosk.change_quantity", { count: whole(line.quantity) })}
        onClick={() => open({ quantityOf: line.number })}
      >
        {whole(line.quantity)}
      </button>
      <button
        type="button"
        class="button"
        data-testid="line-plus"
        aria-label={t("kiosk.one_more", { name: line.name })}
        disabled={line.quantity >= QUANTITY_MAX}
        onClick={() => void step(1)}
      >
        <Icon name="plus" />
      </button>
    </div>
  );
}
