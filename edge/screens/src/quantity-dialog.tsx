import { useState } from "preact/hooks";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { attempt, setQuantity } from "./actions";
import type { Line } from "./api-types";
import { Keypad } from "./keypad";
import { close } from "./view";

const DIGITS_MAX = 4;

export function QuantityDialog({ basketId, line }: { basketId: string; line: Line }) {
  const [typed, setTyped] = useState("");
  const shown = typed === "" ? String(line.quantity) : typed;

  function onKey(key: string): void {
    const next = key === "" ? typed.slice(0, -1) : typed + key;
    setTyped(next.slice(0, DIGITS_MAX).replace(/^0+(?=\d)/, ""));
  }

  function confirm(): void {
    close();
    attempt(setQuantity(basketId, line.number, Number(shown)));
  }

  return (
    <Dialog title={t("kiosk.how_many")} onClose={close}>
      <div class="entry">
        <bdi class="entry-label">{line.name}</bdi>
        <output class={typed === "" ? "entry-shown entry-shown-before" : "entry-shown"}>{shown}</output>
        <Keypad onKey={onKey} />
        <button type="button" class="button button-primary button-tall" data-testid="confirm-quantity" onClick={confirm}>
          {Number(shown) === 0 ? t("kiosk.remove", { name: "" }).trim() : t("kiosk.set_quantity")}
        </button>
      </div>
    </Dialog>
  );
}
