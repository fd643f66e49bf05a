import type { Problem } from "./api";
import { Icon } from "./icons";
import { known, t } from "./messages";

interface Told {
  code: string;
  title: string | null;
  hint: string | null;
}

/** What is wrong and what to do, in the reader's language where we have it, else as the daemon wrote it. */
export function wording(told: Told): { title: string; hint: string } {
  const title = known(`error.${told.code}.title`);
  if (title !== null) return { title, hint: known(`error.${told.code}.hint`) ?? "" };
  return { title: told.title || t("error.unexpected.title"), hint: told.hint || t("error.unexpected.hint") };
}

export function ProblemAlert({ problem, testid }: { problem: Problem; testid?: string }) {
  const { title, hint } = wording(problem);
  return (
    <div class="alert" role="alert" data-testid={testid}>
      <Icon name="alert" />
      <p>
        <strong>{title}</strong> {hint}
      </p>
    </div>
  );
}
