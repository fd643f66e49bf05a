import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { scan } from "./actions";
import { Keypad } from "./keypad";
import { clearNotice } from "./notices";
import { close } from "./view";

const LENGTH_MAX = 48;

/** Type the number beneath a barcode that does not scan. */
export function NumberDialog() {
  const [number, setNumber] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => field.current?.focus(), []);

  function change(text: string): void {
    setProblem(null);
    setNumber(text.slice(0, LENGTH_MAX));
  }

  function onKey(key: string): void {
    if (key === "") change(number.slice(0, -1));
    else change(problem === null ? number + key : key);
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    try {
      await scan(number.trim());
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      clearNotice();
      setProblem(error);
      field.current?.select();
    }
  }

  return (
    <Dialog title={t("kiosk.type_number")} onClose={close}>
      <form class="entry" onSubmit={(event) => void submit(event)}>
        <label class="entry-label" for="number">
          {t("kiosk.type_number_hint")}
        </label>
        <input
          ref={field}
          id="number"
          class="field field-number"
          dir="ltr"
          inputMode="none"
          autocomplete="off"
          data-testid="number"
          value={number}
          onInput={(event) => change(event.currentTarget.value)}
        />
        {problem !== null && <ProblemAlert problem={problem} />}
        <Keypad onKey={onKey} />
        <button type="submit" class="button button-primary button-tall" data-testid="add-number" disabled={number.trim() === ""}>
          {t("kiosk.add")}
        </button>
      </form>
    </Dialog>
  );
}
