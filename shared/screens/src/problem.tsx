import type { Problem } from "./api";
import { Icon } from "./icons";
import { known, t, type Facts } from "./messages";
import { money, type Unit } from "./money";

interface Told {
  code: string;
  title: string | null;
  hint: string | null;
  facts?: Record<string, unknown>;
}

/**
 * What is wrong and what to do, in the reader's language where we have it, else as the daemon wrote it.
 *
 * unit: of the amounts among its facts.
 */
export function wording(told: Told, unit?: Unit): { title: string; hint: string } {
  const facts = factsOf(told.facts ?? {}, unit);
  const title = known(`error.${told.code}.title`, facts);
  if (title !== null) return { title, hint: known(`error.${told.code}.hint`, facts) ?? "" };
  return { title: told.title || t("error.unexpected.title"), hint: told.hint || t("error.unexpected.hint") };
}

function factsOf(told: Record<string, unknown>, unit?: Unit): Facts {
  const shown = Object.entries(told).map(([name, fact]) => {
    const isAmount = name.endsWith("_minor") && typeof fact === "number" && unit !== undefined;
    return [name, isAmount ? money(fact, unit) : String(fact)] as const;
  });
  return Object.fromEntries(shown);
}

export function ProblemAlert({ problem, unit, testid }: { problem: Problem; unit?: Unit; testid?: string }) {
  const { title, hint } = wording(problem, unit);
  return (
    <div class="alert" role="alert" data-testid={testid}>
      <Icon name="alert" />
      <p>
        <strong>{title}</strong> {hint}
      </p>
    </div>
  );
}
