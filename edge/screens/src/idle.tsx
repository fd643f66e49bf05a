import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { attempt, startOver } from "./actions";
import { basket } from "./lane";

const IDLE_MS = 90_000;
const SIGNS = ["pointerdown", "keydown", "wheel", "touchmove"] as const;

/** A basket that nobody touches is asked about once, and kept until somebody answers. */
export function Idle() {
  const [isAsking, setAsking] = useState(false);
  const filling = basket.value;
  const waits = filling !== null && filling.state === "open" && filling.quantity > 0;

  useEffect(() => {
    setAsking(false);
    if (!waits) return;
    let timer = 0;
    function restart(): void {
      clearTimeout(timer);
      timer = window.setTimeout(() => setAsking(true), IDLE_MS);
    }
    restart();
    for (const sign of SIGNS) document.addEventListener(sign, restart, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const sign of SIGNS) document.removeEventListener(sign, restart);
    };
  }, [waits, filling?.version]);

  if (!isAsking || filling === null) return null;
  return (
    <Dialog title={t("kiosk.still_there")} onClose={() => setAsking(false)} class="question">
      <p>{t("kiosk.still_there_hint")}</p>
      <div class="answers">
        <button type="button" class="button button-tall" onClick={() => attempt(startOver(filling.id))}>
          {t("kiosk.start_over")}
        </button>
        <button type="button" class="button button-primary button-tall" data-testid="still-here" onClick={() => setAsking(false)}>
          {t("kiosk.still_here")}
        </button>
      </div>
    </Dialog>
  );
}
