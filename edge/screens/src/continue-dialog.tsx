import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { goOn } from "./actions";
import { clearNotice } from "./notices";
import { close } from "./view";

const KEYS = [..."23456789BCDFGHJKMNPQRSTVWXZ"]; // codes have no others: none looks like another
const LENGTH = 6;
const LENGTH_MAX = 32; // a scanner that types puts more before it

/** Type the code that another till showed; a scanner may read it there, too. */
export function ContinueDialog() {
  const [code, setCode] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isAsking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);

  useEffect(() => field.current?.focus(), []);

  function change(text: string): void {
    setProblem(null);
    setCode(text.toUpperCase().slice(0, LENGTH_MAX));
  }

  function press(key: string): void {
    if (problem !== null) change(key);
    else if (code.length < LENGTH) change(code + key);
  }

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setAsking(true);
    setProblem(null);
    try {
      await goOn(code.trim());
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      clearNotice();
      setProblem(error);
      field.current?.select();
    } finally {
      setAsking(false);
    }
  }

  return (
    <Dialog title={t("kiosk.continue")} onClose={close} class="dialog-continue">
      <form class="entry" onSubmit={(event) => void submit(event)}>
        <label class="entry-label" for="basket-code">
          {t("kiosk.continue_hint")}
        </label>
        <input
          ref={field}
          id="basket-code"
          class="field field-code"
          dir="ltr"
          inputMode="none"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          data-testid="basket-code"
          value={code}
          onInput={(event) => change(event.currentTarget.value)}
        />
        {problem !== null && <ProblemAlert problem={problem} testid="continue-problem" />}
        <div class="code-keys" dir="ltr" role="group" aria-label={t("kiosk.continue_keys")}>
          {KEYS.map((key) => (
            <button key={key} type="button" class="button key" data-testid={`code-${key}`} onClick={() => press(key)}>
              {key}
            </button>
          ))}
          <button type="button" class="button key" aria-label={t("kiosk.erase")} onClick={() => change(code.slice(0, -1))}>
            <Icon name="erase" />
          </button>
        </div>
        <button
          type="submit"
          class="button button-primary button-tall"
          data-testid="go-on"
          disabled={code.trim().length < LENGTH || isAsking}
        >
          {t(isAsking ? "kiosk.continue_asking" : "kiosk.continue_go")}
        </button>
      </form>
    </Dialog>
  );
}
