import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { EndButton } from "./listing";

interface Props {
  title: string;
  /** What saving is called here. */
  word?: string;
  /** Keep what is written; refused requests are shown. */
  save: () => Promise<unknown>;
  /** End it for good; absent where there is nothing to end. */
  end?: () => Promise<unknown>;
  onDone: () => void;
  onClose: () => void;
  children: ComponentChildren;
}

/** A small form in a dialog: fields, what went wrong, save, end. */
export function EditDialog({ title, word, save, end, onDone, onClose, children }: Props) {
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function run(act: Promise<unknown>): Promise<void> {
    setBusy(true);
    try {
      await act;
      onDone();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
      setBusy(false);
    }
  }

  return (
    <Dialog title={title} onClose={onClose} class="dialog-wide">
      <form
        class="dialog-form"
        data-testid="edit-dialog"
        onSubmit={(event) => {
          event.preventDefault();
          void run(save());
        }}
      >
        {children}
        {problem !== null && <ProblemAlert problem={problem} testid="edit-problem" />}
        <div class="import-acts">
          {end !== undefined && <EndButton onEnd={() => void run(end())} />}
          <button type="submit" class="button button-primary" data-testid="edit-save" disabled={isBusy}>
            {word ?? t("specials.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
