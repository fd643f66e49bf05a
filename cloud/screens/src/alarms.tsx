import { useState } from "preact/hooks";
import { send } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, isolated, t, whole } from "../../../shared/screens/src/messages";
import { fullMoment, moment } from "../../../shared/screens/src/time";
import { ActDialog } from "./act-dialog";
import type { NodeAlarm, NodeAlarmPage } from "./book-types";
import { Listing, More, usePages } from "./listing";
import { freshness, now } from "./office";
import { addressOf, follow } from "./router";

/** Troubles of boxes: those that are open, or those that were settled. */
export function Alarms({ state }: { state: "open" | "settled" }) {
  const path = `/api/alarms?state=${state}`;
  const listed = usePages<NodeAlarmPage>(path, freshness.value);
  const [chosen, setChosen] = useState<NodeAlarm | null>(null);
  const alarms = listed.pages.flatMap((page) => page.alarms);
  const isOpen = state === "open";
  return (
    <Listing
      listed={listed}
      isEmpty={alarms.length === 0}
      icon="done"
      none={isOpen ? "alarms.none" : "alarms.none_settled"}
      noneHint={isOpen ? "alarms.none_hint" : "alarms.none_settled_hint"}
    >
      <ul class="node-alarms">
        {alarms.map((alarm) => (
          <AlarmRow key={alarm.number} alarm={alarm} onSettle={() => setChosen(alarm)} />
        ))}
      </ul>
      <More listed={listed} />
      {chosen !== null && (
        <ActDialog
          title={t("alarms.settle")}
          noteWord="alarms.note"
          act={(author, note) => send("POST", `/api/alarms/${chosen.number}/settlement`, { author, note })}
          onDone={() => {
            setChosen(null);
            listed.load();
          }}
          onClose={() => setChosen(null)}
        >
          <p>
            <strong>{t(`alarms.kind.${chosen.kind}`)}</strong> · <bdi>{chosen.node_name}</bdi>
          </p>
        </ActDialog>
      )}
    </Listing>
  );
}

function AlarmRow({ alarm, onSettle }: { alarm: NodeAlarm; onSettle: () => void }) {
  const day = { page: "days", path: [String(alarm.facts["closing_id"])] } as const;
  return (
    <li class={alarm.state === "open" ? "node-alarm node-alarm-open" : "node-alarm"} data-testid="alarm">
      <Icon name={alarm.state === "open" ? "alert" : "done"} />
      <div class="node-alarm-text">
        <h2>{t(`alarms.kind.${alarm.kind}`)}</h2>
        <p>
          {sentence(alarm)}{" "}
          {alarm.kind !== "foreign_key" && typeof alarm.facts["by"] === "string" && t("alarms.text.brought_by", { by: isolated(alarm.facts["by"]) })}
          {alarm.kind === "day" && (
            <a href={addressOf(day)} onClick={(event) => follow(event, day)}>
              {t("alarms.look_at_day")}
            </a>
          )}
        </p>
        <p class="quiet">
          <bdi>{alarm.store_name}</bdi> · <bdi>{alarm.node_name}</bdi> ·{" "}
          <span title={fullMoment(alarm.first_seen)}>{t("alarms.since", { time: isolated(moment(alarm.first_seen, now.value)) })}</span>
          {alarm.count > 1 && ` · ${counted("alarms.times", alarm.count)}, ${t("alarms.last", { time: isolated(moment(alarm.last_seen, now.value)) })}`}
        </p>
        {alarm.state === "settled" && <Settled alarm={alarm} />}
      </div>
      {alarm.state === "open" && (
        <button type="button" class="button" data-testid="settle" onClick={onSettle}>
          <Icon name="check" />
          {t("alarms.settle")}
        </button>
      )}
    </li>
  );
}

function Settled({ alarm }: { alarm: NodeAlarm }) {
  const time = alarm.settled_at === null ? "" : isolated(moment(alarm.settled_at, now.value));
  if (alarm.author === null) return <p class="node-alarm-note">{t("alarms.passed", { time })}</p>;
  return (
    <p class="node-alarm-note">
      <bdi>{alarm.note}</bdi> <span class="quiet">{t("alarms.settled_by", { author: isolated(alarm.author), time })}</span>
    </p>
  );
}

/** What happened, with its facts, and what to do. */
function sentence({ kind, facts }: NodeAlarm): string {
  const fact = (name: string): string => isolated(String(facts[name] ?? ""));
  const since = (): string => isolated(moment(String(facts["since"]), now.value));
  switch (kind) {
    case "gap":
      return t("alarms.text.gap", { what: facts["first"] === facts["last"] ? fact("first") : isolated(`${facts["first"]} – ${facts["last"]}`) });
    case "repeat":
      return t("alarms.text.repeat", { what: fact("first") });
    case "series":
      if (facts["holder"] === null) return t("alarms.text.series_nobody", { what: fact("series") });
      return t("alarms.text.series", { what: fact("series"), holder: fact("holder") });
    case "foreign_key":
      if (typeof facts["by"] === "string") return t("alarms.text.foreign_key_by", { by: fact("by") });
      return facts["signer"] === null ? t("alarms.text.foreign_key_nobody") : t("alarms.text.foreign_key", { what: fact("signer") });
    case "silent":
      return t("alarms.text.silent", { time: since() });
    case "unsent":
      return t("alarms.text.unsent", { count: whole(Number(facts["unsent"])), time: since() });
    case "day":
      return t("alarms.text.day", { what: fact("number") });
    case "retired":
    case "returned":
      return t(`alarms.text.${kind}`);
    case "set_back":
      if (typeof facts["branch"] === "string") return t("alarms.text.branched", { what: whole(Number(facts["seq"])), branch: fact("branch") });
      return t("alarms.text.set_back", { what: whole(Number(facts["seq"])) });
    case "cloned":
    case "broken":
      return t(`alarms.text.${kind}`, { what: whole(Number(facts["seq"])) });
  }
}
