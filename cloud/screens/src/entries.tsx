import { useState } from "preact/hooks";
import { send } from "../../../shared/screens/src/api";
import { t, whole } from "../../../shared/screens/src/messages";
import { moment } from "../../../shared/screens/src/time";
import { ActDialog } from "./act-dialog";
import type { OfficeView } from "./api-types";
import type { SetAside, SetAsidePage } from "./book-types";
import { Listing, More, usePages } from "./listing";
import { freshness, now } from "./office";
import { addressOf, follow, go } from "./router";

/** Entries that could not be applied, by box and in order. */
export function Entries({ view }: { view: OfficeView }) {
  const [node, setNode] = useState("");
  const [state, setState] = useState<"waiting" | "settled">("waiting");
  const [isAsking, setAsking] = useState(false);
  const [told, setTold] = useState("");
  const path = `/api/quarantine?${new URLSearchParams({ state, ...(node ? { node_id: node } : {}) })}`;
  const listed = usePages<SetAsidePage>(path, freshness.value);
  const entries = listed.pages.flatMap((page) => page.entries);

  async function replay(author: string): Promise<void> {
    const body = { author, ...(node ? { node_id: node } : {}) };
    const report = await send<{ applied: number; refused: number }>("POST", "/api/quarantine/replays", body);
    setTold(t("entries.replayed", { applied: whole(report.applied), refused: whole(report.refused) }));
  }

  return (
    <>
      <div class="filters">
        <select class="field" aria-label={t("days.node")} data-testid="entry-node" value={node} onChange={(event) => setNode(event.currentTarget.value)}>
          <option value="">{t("entries.all_nodes")}</option>
          {view.stores.flatMap((store) =>
            store.nodes.map((each) => (
              <option key={each.id} value={each.id}>
                {`${store.name} · ${each.name}`}
              </option>
            )),
          )}
        </select>
        <select class="field" aria-label={t("days.state")} data-testid="entry-state" value={state} onChange={(event) => setState(event.currentTarget.value as "waiting" | "settled")}>
          <option value="waiting">{t("entries.show_waiting")}</option>
          <option value="settled">{t("entries.show_settled")}</option>
        </select>
        {state === "waiting" && entries.length > 0 && (
          <button type="button" class="button" data-testid="replay-all" onClick={() => setAsking(true)}>
            {t("entries.replay_all")}
          </button>
        )}
      </div>
      {told !== "" && (
        <p class="quiet" role="status" data-testid="replayed">
          {told}
        </p>
      )}
      <Listing listed={listed} isEmpty={entries.length === 0} icon="done" none="entries.none" noneHint="entries.none_hint">
        <EntryTable entries={entries} />
        <More listed={listed} />
      </Listing>
      {isAsking && (
        <ActDialog
          title={t("entries.replay_all")}
          hint="entries.replay_hint"
          act={replay}
          onDone={() => {
            setAsking(false);
            listed.load();
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function EntryTable({ entries }: { entries: SetAside[] }) {
  return (
    <div class="table-place">
      <table class="table table-books">
        <thead>
          <tr>
            <th scope="col">{t("entries.entry")}</th>
            <th scope="col" class="column-middle">{t("entries.event")}</th>
            <th scope="col">{t("entries.reason")}</th>
            <th scope="col" class="column-wide">{t("entries.set_aside")}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => {
            const to = { page: "alarms", path: ["entries", entry.node_id, String(entry.seq)] } as const;
            return (
              <tr key={`${entry.node_id}.${entry.seq}`} data-testid="entry-row" onClick={() => go(to)}>
                <th scope="row">
                  <a
                    href={addressOf(to)}
                    onClick={(event) => {
                      event.stopPropagation();
                      follow(event, to);
                    }}
                  >
                    <bdi>{entry.node_name}</bdi> · {whole(entry.seq)}
                  </a>
                  <span class="row-under">
                    <bdi>{entry.store_name}</bdi>
                  </span>
                </th>
                <td class="column-middle">{entry.event === null ? <span class="quiet">–</span> : <bdi>{`${entry.event} ${entry.version ?? ""}`}</bdi>}</td>
                <td class="entry-reason">
                  {t(`entries.kind.${entry.kind}`)}
                  <span class="row-under">
                    <bdi>{entry.reason}</bdi>
                  </span>
                </td>
                <td class="column-wide">
                  <bdi>{moment(entry.at, now.value)}</bdi>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
