import { useState } from "preact/hooks";
import { send } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, isolated, t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { fullMoment } from "../../../shared/screens/src/time";
import { ActDialog } from "./act-dialog";
import { BackLink } from "./back-link";
import type { EntryDetail, EntryState, Repair } from "./book-types";
import { Pair } from "./day-detail";
import { CorrectDialog } from "./entry-correct";
import { useListed } from "./listing";

type Act = "replay" | "settlement" | "correction";

const LOOKS: Record<EntryState, string> = { waiting: "day-incomplete", settled: "day-open", applied: "day-proven" };

/** One entry that could not be applied: why, what it says, what was done, and what can be. */
export function EntryPage({ nodeId, seq }: { nodeId: string; seq: string }) {
  const path = `/api/quarantine/${encodeURIComponent(nodeId)}/${encodeURIComponent(seq)}`;
  const { found, problem, load } = useListed<EntryDetail>(path);
  const [act, setAct] = useState<Act | null>(null);
  const [refused, setRefused] = useState(false);
  const done = () => {
    setAct(null);
    load();
  };
  return (
    <>
      <div class="page-head" data-testid="entry">
        <BackLink to={{ page: "alarms", path: ["entries"] }} word="entries.back" />
        <h1>{found === null ? "…" : t("entries.title", { seq: whole(found.seq), node: isolated(found.node_name) })}</h1>
        {found !== null && (
          <span class={`state ${LOOKS[found.state]}`} data-testid="entry-standing">
            <Icon name={found.state === "waiting" ? "alert" : "done"} />
            {t(`entries.state.${found.state}`)}
          </span>
        )}
      </div>
      {problem !== null && <ProblemAlert problem={problem} />}
      {found === null && problem === null && <p class="quiet">{t("screen.loading")}</p>}
      {refused && (
        <p class="alert" role="alert" data-testid="still-refused">
          <Icon name="alert" />
          {t("entries.refused_again")}
        </p>
      )}
      {found !== null && <Whole entry={found} path={path} onAct={setAct} />}
      {found !== null && act === "replay" && (
        <ActDialog
          title={t("entries.replay")}
          hint="entries.replay_hint"
          act={async (author) => setRefused((await send<EntryDetail>("POST", `${path}/replay`, { author })).state !== "applied")}
          onDone={done}
          onClose={() => setAct(null)}
        />
      )}
      {found !== null && act === "settlement" && (
        <ActDialog
          title={t("entries.settle")}
          noteWord="entries.settle_note"
          act={(author, note) => send("POST", `${path}/settlement`, { author, note })}
          onDone={done}
          onClose={() => setAct(null)}
        />
      )}
      {found !== null && act === "correction" && <CorrectDialog entry={found} path={path} onDone={done} onClose={() => setAct(null)} />}
    </>
  );
}

function Whole({ entry, path, onAct }: { entry: EntryDetail; path: string; onAct: (act: Act) => void }) {
  return (
    <div class="book">
      <section class="editor-section">
        {entry.kind !== null && <h2>{t(`entries.kind.${entry.kind}`)}</h2>}
        <p class="entry-why" data-testid="entry-reason">
          <bdi>{entry.reason}</bdi>
        </p>
        <dl class="pairs">
          <Pair name={t("days.node")}>
            <bdi>{entry.store_name}</bdi> · <bdi>{entry.node_name}</bdi>
          </Pair>
          <Pair name={t("entries.event")}>{entry.event === null ? "–" : <bdi>{`${entry.event} ${entry.version ?? ""}`}</bdi>}</Pair>
          <Pair name={t("office.received")}>{fullMoment(entry.received_at)}</Pair>
          {entry.at !== null && (
            <Pair name={t("entries.set_aside")}>
              {fullMoment(entry.at)} <span class="quiet">{counted("entries.tries", entry.tries)}</span>
            </Pair>
          )}
        </dl>
        {entry.state !== "applied" && (
          <div class="entry-acts">
            <button type="button" class="button button-primary" data-testid="replay" onClick={() => onAct("replay")}>
              {t("entries.replay")}
            </button>
            <button type="button" class="button" data-testid="correct" onClick={() => onAct("correction")}>
              {t("entries.correct")}
            </button>
            <button type="button" class="button" data-testid="settle-entry" onClick={() => onAct("settlement")}>
              {t("entries.settle")}
            </button>
          </div>
        )}
      </section>
      <section class="editor-section">
        <h2>{t("entries.history")}</h2>
        {entry.repairs.length === 0 ? <p class="quiet">{t("entries.no_history")}</p> : entry.repairs.map((repair, index) => <RepairLine key={index} repair={repair} />)}
      </section>
      <section class="editor-section">
        <div class="entry-raw-head">
          <h2>{t("entries.raw")}</h2>
          <a class="button" href={`${path}/entry`} download data-testid="download-entry">
            <Icon name="download" />
            {t("entries.download")}
          </a>
        </div>
        <Raw text={entry.raw} />
        {entry.raw_length > entry.raw.length && <p class="quiet">{t("entries.raw_cut", { count: whole(entry.raw_length) })}</p>}
      </section>
    </div>
  );
}

function RepairLine({ repair }: { repair: Repair }) {
  return (
    <div class="entry-repair" data-testid="repair">
      <p>
        <strong>{t(`entries.act.${repair.act}`)}</strong>{" "}
        <span class="quiet">
          {repair.author === null ? t("entries.by_itself") : <bdi>{repair.author}</bdi>} · {fullMoment(repair.at)}
        </span>
      </p>
      {repair.note !== null && (
        <p>
          <bdi>{repair.note}</bdi>
        </p>
      )}
      {repair.body !== null && (
        <details>
          <summary>{t("entries.applied_body")}</summary>
          <Raw text={JSON.stringify(repair.body)} />
        </details>
      )}
    </div>
  );
}

/** JSON with its lines, anything else as it is; always from left to right. */
function Raw({ text }: { text: string }) {
  return (
    <pre class="entry-raw" dir="ltr" tabIndex={0} data-testid="raw">
      {readable(text)}
    </pre>
  );
}

export function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
