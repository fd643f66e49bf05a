import { useEffect, useState } from "preact/hooks";
import { Problem, read, send } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { fullMoment } from "../../../shared/screens/src/time";
import type { OfficeView } from "./api-types";
import { BackLink } from "./back-link";
import type { PackView } from "./promotion-types";
import { addressOf, follow, go } from "./router";
import { TrialForm } from "./trial-form";
import { TrialResult } from "./trial-result";
import type { TrialView } from "./trial-types";

const LOOK_EVERY_MS = 500;

/** Trials on past orders: ask for one, watch it, read what it came to. The address names the one that is shown. */
export function Trials({ id, view }: { id: string | null; view: OfficeView }) {
  const [packs, setPacks] = useState<PackView[]>([]);
  const [known, setKnown] = useState<TrialView[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const shown = useTrial(id, setProblem);

  function tell(error: unknown): void {
    if (error instanceof Problem) setProblem(error);
  }

  useEffect(() => {
    read<{ packs: PackView[] }>("/api/promotions/packs?limit=20").then((found) => setPacks(found.packs), tell);
  }, []);

  useEffect(() => {
    read<{ trials: TrialView[] }>("/api/promotions/trials").then((found) => setKnown(found.trials), tell);
  }, [id, shown?.state]);

  return (
    <>
      <div class="page-head">
        <BackLink to={{ page: "promotions" }} word="promotions.form.back" />
        <h1>{t("trials.title")}</h1>
        <p class="quiet">{t("trials.hint")}</p>
      </div>
      {problem !== null && <ProblemAlert problem={problem} testid="trial-problem" />}
      <TrialForm packs={packs} onBegun={(begun) => go(placeOf(begun.id))} onProblem={setProblem} />
      {shown !== null && shown.id === id && <Shown trial={shown} view={view} />}
      <Earlier trials={known.filter((trial) => trial.id !== id)} packs={packs} />
    </>
  );
}

function placeOf(id: string) {
  return { page: "promotions", path: ["trials", id] } as const;
}

/** One trial, asked for again until it has ended. */
function useTrial(id: string | null, onProblem: (problem: Problem | null) => void): TrialView | null {
  const [trial, setTrial] = useState<TrialView | null>(null);

  useEffect(() => {
    if (id === null) return;
    let timer = 0;
    async function look(): Promise<void> {
      try {
        const found = await read<TrialView>(`/api/promotions/trials/${id}`);
        setTrial(found);
        onProblem(null);
        if (isOpen(found)) timer = window.setTimeout(() => void look(), LOOK_EVERY_MS);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        onProblem(error);
        if (error.status === 0) timer = window.setTimeout(() => void look(), LOOK_EVERY_MS);
      }
    }
    void look();
    return () => clearTimeout(timer);
  }, [id]);

  return trial;
}

function isOpen({ state }: TrialView): boolean {
  return state === "waiting" || state === "running";
}

function Shown({ trial, view }: { trial: TrialView; view: OfficeView }) {
  if (trial.result !== null) return <TrialResult trial={trial.result} view={view} />;
  const total = trial.orders_total;
  return (
    <section class="trial-open" role="status" data-testid="trial-open">
      <p>
        <Icon name={isOpen(trial) ? "busy" : "alert"} />
        {stateOf(trial)}
        {trial.state === "failed" && ` – ${t("trials.failed_hint")}`}
      </p>
      {isOpen(trial) && <progress {...(total === null ? {} : { max: Math.max(total, 1), value: trial.orders_done })} />}
      {isOpen(trial) && (
        <button
          type="button"
          class="button"
          data-testid="trial-stop"
          onClick={() => void send("DELETE", `/api/promotions/trials/${trial.id}`).catch(() => {})}
        >
          {t("trials.stop")}
        </button>
      )}
    </section>
  );
}

function stateOf(trial: TrialView): string {
  const facts = { done: whole(trial.orders_done), total: whole(trial.orders_total ?? trial.request.orders) };
  return t(`trials.state.${trial.state}`, facts);
}

function Earlier({ trials, packs }: { trials: TrialView[]; packs: PackView[] }) {
  if (trials.length === 0) return null;
  return (
    <section class="editor-section">
      <h2>{t("trials.earlier")}</h2>
      <ul class="trial-list">
        {trials.map((trial) => (
          <li key={trial.id}>
            <a href={addressOf(placeOf(trial.id))} onClick={(event) => follow(event, placeOf(trial.id))}>
              {fullMoment(trial.asked_at)}
            </a>
            <span>{whatOf(trial, packs)}</span>
            <span class="quiet">{stateOf(trial)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function whatOf({ request }: TrialView, packs: PackView[]): string {
  if (request.pack === null) return t(request.drafts ? "trials.what.drafts" : "trials.what.active");
  const pack = packs.find((each) => each.version === request.pack);
  if (pack === undefined) return t("trials.what.gone");
  return t("trials.what.pack", { number: pack.number, time: fullMoment(pack.asked_at) });
}
