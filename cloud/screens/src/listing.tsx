import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, read } from "../../../shared/screens/src/api";
import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";

export interface Listed<Answer> {
  found: Answer | null;
  problem: Problem | null;
  load: () => void;
}

/** What a path answers, asked when the page opens, on demand, and whenever `fresh` is another. */
export function useListed<Answer>(path: string, fresh = 0): Listed<Answer> {
  const [found, setFound] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);

  function load(): void {
    read<Answer>(path).then(
      (answer) => {
        setFound(answer);
        setProblem(null);
      },
      (error: unknown) => {
        if (error instanceof Problem) setProblem(error);
      },
    );
  }

  useEffect(load, [path, fresh]);
  return { found, problem, load };
}

interface Props {
  listed: Listed<unknown>;
  isEmpty: boolean;
  icon: IconName;
  none: Key;
  noneHint: Key;
  children: ComponentChildren;
}

/** A list in each of its states: on its way, failed, empty, there. */
export function Listing({ listed, isEmpty, icon, none, noneHint, children }: Props) {
  if (listed.found === null && listed.problem !== null) return <ProblemAlert problem={listed.problem} />;
  if (listed.found === null) return <p class="quiet">{t("screen.loading")}</p>;
  if (!isEmpty) return <>{children}</>;
  return (
    <div class="empty">
      <Icon name={icon} />
      <h2>{t(none)}</h2>
      <p class="quiet">{t(noneHint)}</p>
    </div>
  );
}

/** Ask twice before something ends for good. */
export function EndButton({ onEnd }: { onEnd: () => void }) {
  const [isSure, setSure] = useState(false);
  return (
    <button
      type="button"
      class={isSure ? "button button-danger" : "button"}
      data-testid="end"
      onBlur={() => setSure(false)}
      onClick={() => (isSure ? onEnd() : setSure(true))}
    >
      {t(isSure ? "specials.end_sure" : "specials.end")}
    </button>
  );
}
