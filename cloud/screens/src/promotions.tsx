import { useState } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { fullMoment } from "../../../shared/screens/src/time";
import type { OfficeView } from "./api-types";
import { PromotionAlarms } from "./promotion-alarms";
import { PromotionImport } from "./promotion-import";
import { FAMILIES } from "./promotion-kinds";
import { PromotionTable } from "./promotion-table";
import type { Family, State } from "./promotion-types";
import { counts, family, load, more, packs, problem, rows, state, words } from "./promotions-state";
import { PublishDialog } from "./publish-dialog";
import { addressOf, follow } from "./router";

const NEW = { page: "promotions", path: ["new"] } as const;
const TRIALS = { page: "promotions", path: ["trials"] } as const;
const STATES: readonly State[] = ["active", "draft", "ended"];

export function Promotions({ view }: { view: OfficeView }) {
  const [isImporting, setImporting] = useState(false);
  const [isPublishing, setPublishing] = useState(false);
  const isLoaded = rows.value !== null;
  return (
    <>
      <div class="page-head" data-testid="promotions">
        <h1>{t("promotions.title")}</h1>
        {isLoaded && <p class="quiet">{counted("promotions.count", counts.value.total)}</p>}
        <div class="page-acts">
          <a
            class="button"
            href={addressOf(NEW)}
            data-testid="new-promotion"
            onClick={(event) => follow(event, NEW)}
          >
            <Icon name="plus" />
            {t("promotions.new")}
          </a>
          <button type="button" class="button" data-testid="import" onClick={() => setImporting(true)}>
            {t("promotions.import")}
          </button>
          <a class="button" href={addressOf(TRIALS)} data-testid="try" onClick={(event) => follow(event, TRIALS)}>
            {t("promotions.try")}
          </a>
          {isLoaded && <PublishButton onClick={() => setPublishing(true)} />}
        </div>
      </div>
      {problem.value !== null && <ProblemAlert problem={problem.value} testid="promotions-problem" />}
      {view.promotion_alarms > 0 && <PromotionAlarms waiting={view.promotion_alarms} />}
      {isLoaded && <LastPack />}
      <Filters />
      {isLoaded ? <Found /> : <p class="quiet">{t("screen.loading")}</p>}
      {isPublishing && (
        <PublishDialog
          stores={view.stores}
          packs={packs.value}
          onClose={() => {
            setPublishing(false);
            void load();
          }}
        />
      )}
      {isImporting && (
        <PromotionImport
          currency={view.stores[0]?.currency ?? "EUR"}
          onClose={() => {
            setImporting(false);
            void load();
          }}
        />
      )}
    </>
  );
}

/** A pack that waits can be taken back in the same place, so it keeps the way there open. */
function PublishButton({ onClick }: { onClick: () => void }) {
  const waiting = counts.value.unpublished;
  const isPlanned = packs.value.some((pack) => pack.published_at === null);
  return (
    <button
      type="button"
      class="button button-primary"
      data-testid="publish"
      disabled={waiting === 0 && !isPlanned}
      onClick={onClick}
    >
      {waiting === 0 ? t(isPlanned ? "publish.title" : "promotions.all_published") : counted("promotions.publish", waiting)}
    </button>
  );
}

/** What the stores have, and what waits for its time. */
function LastPack() {
  const last = packs.value.find((pack) => pack.published_at !== null);
  const waiting = packs.value.find((pack) => pack.published_at === null && pack.starts_at !== null);
  return (
    <p class="quiet" data-testid="last-pack">
      {last === undefined
        ? t("promotions.no_pack")
        : t("promotions.last_pack", {
            number: last.number,
            count: whole(last.promotions),
            time: fullMoment(last.published_at ?? last.asked_at),
            stores: last.stores.join(", ") || t("office.all_stores"),
          })}
      {waiting !== undefined &&
        ` ${t("promotions.pack_waits", { number: waiting.number, time: fullMoment(waiting.starts_at ?? "") })}`}
    </p>
  );
}

function Filters() {
  return (
    <div class="filters">
      <input
        class="field"
        type="search"
        dir="auto"
        aria-label={t("promotions.search")}
        placeholder={t("promotions.search")}
        data-testid="promotion-search"
        value={words.value}
        onInput={(event) => (words.value = event.currentTarget.value)}
      />
      <select
        class="field"
        aria-label={t("promotions.family")}
        data-testid="family-filter"
        value={family.value}
        onChange={(event) => (family.value = event.currentTarget.value as Family | "")}
      >
        <option value="">{t("promotions.all_families")}</option>
        {FAMILIES.map((each) => (
          <option key={each} value={each}>
            {t(`promotions.family.${each}`)}
          </option>
        ))}
      </select>
      <select
        class="field"
        aria-label={t("promotions.state")}
        data-testid="state-filter"
        value={state.value}
        onChange={(event) => (state.value = event.currentTarget.value as State | "")}
      >
        <option value="">{t("promotions.all_states")}</option>
        {STATES.map((each) => (
          <option key={each} value={each}>
            {t(`promotions.state.${each}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Found() {
  const found = rows.value ?? [];
  const isFiltered = words.value !== "" || family.value !== "" || state.value !== "";
  if (found.length === 0) {
    return (
      <div class="empty">
        <Icon name={isFiltered ? "search" : "saving"} />
        <h2>{t(isFiltered ? "promotions.nothing_found" : "promotions.none")}</h2>
        <p class="quiet">{t(isFiltered ? "promotions.nothing_found_hint" : "promotions.none_hint")}</p>
      </div>
    );
  }
  return (
    <>
      <PromotionTable rows={found} />
      {more.value !== null && (
        <button type="button" class="button older" onClick={() => void load(more.value)}>
          {t("screen.more")}
        </button>
      )}
    </>
  );
}
