import { useEffect, useState } from "preact/hooks";
import { Problem, send } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { counted, t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { fullMoment } from "../../../shared/screens/src/time";
import type { StoreView } from "./api-types";
import { ChoiceField, ManyField, TextField } from "./fields";
import type { PackChanges, PackView } from "./promotion-types";

interface Props {
  stores: StoreView[];
  packs: PackView[];
  onClose: () => void;
}

/** To whom, and when; and what becomes different there, before anything does. */
export function PublishDialog({ stores, packs, onClose }: Props) {
  const [to, setTo] = useState<"all" | "some">("all");
  const [chosen, setChosen] = useState<string[]>([]);
  const [when, setWhen] = useState<"now" | "later">("now");
  const [at, setAt] = useState("");
  const [changes, setChanges] = useState<PackChanges | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const named = to === "all" ? {} : { stores: chosen };
  const isNamed = to === "all" || chosen.length > 0;

  useEffect(() => {
    let isWanted = true;
    setChanges(null);
    if (!isNamed) return;
    send<PackChanges>("POST", "/api/promotions/changes", named).then((found) => isWanted && setChanges(found), tell);
    return () => (isWanted = false);
  }, [to, chosen.join(" ")]);

  function tell(error: unknown): void {
    if (error instanceof Problem) setProblem(error);
  }

  async function run(act: Promise<unknown>): Promise<void> {
    setBusy(true);
    try {
      await act;
      onClose();
    } catch (error) {
      tell(error);
      setBusy(false);
    }
  }

  function publish(event: SubmitEvent): void {
    event.preventDefault();
    const later = when === "later" ? { starts_at: new Date(at).toISOString() } : {};
    void run(send("POST", "/api/promotions/packs", { ...named, ...later }));
  }

  const isReady = isNamed && changes !== null && (when === "now" || at !== "") && !isBusy;
  return (
    <Dialog title={t("publish.title")} onClose={onClose} class="dialog-wide">
      <form class="dialog-form" data-testid="publish-dialog" onSubmit={publish}>
        <div class="form-grid">
          <ChoiceField word="publish.to" path="to" value={to} options={["all", "some"]} say={(each) => t(`publish.to.${each}`)} onChoose={setTo} />
          <ChoiceField word="publish.when" path="when" value={when} options={["now", "later"]} say={(each) => t(`publish.when.${each}`)} onChoose={setWhen} />
        </div>
        {to === "some" && (
          <ManyField word="publish.to" path="stores" options={stores.map(({ code, name }) => ({ value: code, label: name, title: code }))}
            chosen={chosen} onChange={setChosen} />
        )}
        {when === "later" && (
          <TextField word="publish.at" path="at" type="datetime-local" hint="publish.frozen" value={at} onType={setAt} />
        )}
        {packs.filter((pack) => pack.published_at === null).map((pack) => (
          <div key={pack.number} class="form-warning">
            <p>{t("publish.waiting", { number: pack.number, time: fullMoment(pack.starts_at ?? pack.asked_at) })}</p>
            <button
              type="button"
              class="button"
              data-testid="take-back"
              disabled={isBusy}
              onClick={() => void run(send("DELETE", `/api/promotions/packs/${pack.number}`))}
            >
              {t("publish.take_back")}
            </button>
          </div>
        ))}
        {problem !== null && <ProblemAlert problem={problem} />}
        <section class="changes" aria-live="polite">
          <h3>{t("publish.changes")}</h3>
          {isNamed && changes === null && problem === null && <p class="quiet">{t("screen.loading")}</p>}
          {changes !== null && <Changes changes={changes} />}
        </section>
        <div class="import-acts">
          <button type="button" class="button" onClick={onClose}>
            {t("screen.close")}
          </button>
          <button type="submit" class="button button-primary" data-testid="publish-confirm" disabled={!isReady}>
            {t(when === "now" ? "publish.do" : "publish.do_later")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Changes({ changes }: { changes: PackChanges }) {
  const count = changes.added + changes.changed + changes.ended;
  if (count === 0) return <p class="quiet">{t("publish.nothing")}</p>;
  return (
    <>
      <dl class="report-counts">
        {(["added", "changed", "ended"] as const).map((outcome) => (
          <div key={outcome}>
            <dt>{t(`promotions.report.${outcome}`)}</dt>
            <dd>{whole(changes[outcome])}</dd>
          </div>
        ))}
      </dl>
      <ul class="report-list">
        {changes.changes.map((change) => (
          <li key={change.promotion_id} data-testid="change">
            <strong>{t(`promotions.report.${change.outcome}`)}</strong> <bdi>{change.name}</bdi>{" "}
            <bdi class="quiet">{change.promotion_id}</bdi>
            {change.stores < changes.stores && <span class="quiet"> · {counted("publish.in_stores", change.stores)}</span>}
            {change.fields.map((field) => (
              <span key={field.field} class="report-field">
                <bdi>{field.field}</bdi>: <bdi dir="ltr">{`${field.before} → ${field.after}`}</bdi>
              </span>
            ))}
          </li>
        ))}
        {count > changes.changes.length && (
          <li class="quiet">{t("publish.more", { count: whole(count - changes.changes.length) })}</li>
        )}
      </ul>
    </>
  );
}
