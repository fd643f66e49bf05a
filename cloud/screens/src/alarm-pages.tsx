import { t } from "../../../shared/screens/src/messages";
import { Alarms } from "./alarms";
import type { OfficeView } from "./api-types";
import { Entries } from "./entries";
import { EntryPage } from "./entry-page";
import { addressOf, follow, place } from "./router";

const TABS = ["open", "settled", "entries"] as const;

/** Everything below the address of the alarms: troubles of boxes, and entries that could not be applied. */
export function AlarmPages({ view }: { view: OfficeView }) {
  const [first, nodeId, seq] = place.value.path;
  if (first === "entries" && nodeId !== undefined && seq !== undefined) return <EntryPage key={`${nodeId}.${seq}`} nodeId={nodeId} seq={seq} />;
  const tab = TABS.find((each) => each === first) ?? "open";
  const counts = { open: view.alarms, settled: 0, entries: view.quarantined };
  return (
    <>
      <div class="page-head">
        <h1>{t("alarms.title")}</h1>
      </div>
      <nav class="tabs" aria-label={t("alarms.title")}>
        {TABS.map((each) => {
          const to = { page: "alarms", path: each === "open" ? [] : [each] } as const;
          return (
            <a
              key={each}
              class="tab"
              href={addressOf(to)}
              aria-current={each === tab ? "page" : undefined}
              data-testid={`tab-${each}`}
              onClick={(event) => follow(event, to)}
            >
              {t(`alarms.tab.${each}`)}
              {counts[each] > 0 && <span class="badge">{counts[each]}</span>}
            </a>
          );
        })}
      </nav>
      {tab === "entries" ? <Entries view={view} /> : <Alarms key={tab} state={tab} />}
    </>
  );
}
