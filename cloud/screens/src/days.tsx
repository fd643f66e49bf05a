import { useState } from "preact/hooks";
import { Amount } from "../../../shared/screens/src/amount";
import { counted, locale, t, whole } from "../../../shared/screens/src/messages";
import type { OfficeView } from "./api-types";
import type { ClosedDay, DayOfNode, DayPage, DayState, OpenDay } from "./book-types";
import { DayBadge } from "./day-state";
import { Listing, More, usePages } from "./listing";
import { freshness } from "./office";
import { addressOf, follow, go } from "./router";

const STATES: readonly DayState[] = ["differs", "incomplete", "due", "proven"];

/** Days of all boxes: closed ones with what checking them came to, and what the open ones come to so far. */
export function Days({ view }: { view: OfficeView }) {
  const [store, setStore] = useState("");
  const [state, setState] = useState<DayState | "">("");
  const asked = new URLSearchParams({ ...(store ? { store_id: store } : {}), ...(state ? { state } : {}) });
  const path = `/api/days?${asked}`;
  const listed = usePages<DayPage>(path, freshness.value);
  const days = listed.pages.flatMap((page) => page.days);
  const isFiltered = store !== "" || state !== "";
  return (
    <>
      <div class="page-head" data-testid="days">
        <h1>{t("days.title")}</h1>
        {listed.found !== null && <Counts counts={listed.found.counts} />}
      </div>
      <div class="filters">
        {view.stores.length > 1 && (
          <select class="field" aria-label={t("office.store")} data-testid="day-store" value={store} onChange={(event) => setStore(event.currentTarget.value)}>
            <option value="">{t("office.all_stores")}</option>
            {view.stores.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </select>
        )}
        <select class="field" aria-label={t("days.state")} data-testid="day-filter" value={state} onChange={(event) => setState(event.currentTarget.value as DayState | "")}>
          <option value="">{t("days.all_states")}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`days.state.${each}`)}
            </option>
          ))}
        </select>
      </div>
      <Listing
        listed={listed}
        isEmpty={days.length === 0 && (listed.found?.open.length ?? 0) === 0}
        icon={isFiltered ? "search" : "day"}
        none={isFiltered ? "days.nothing_found" : "days.none"}
        noneHint={isFiltered ? "days.nothing_found_hint" : "days.none_hint"}
      >
        <DayTable open={listed.found?.open ?? []} days={days} isWhole={listed.more === null} />
        <More listed={listed} />
      </Listing>
    </>
  );
}

function Counts({ counts }: { counts: DayPage["counts"] }) {
  return (
    <ul class="day-counts">
      {STATES.filter((state) => counts[state] > 0).map((state) => (
        <li key={state} class={`day-count day-count-${state}`}>
          <strong>{whole(counts[state])}</strong> {t(`days.state.${state}`)}
        </li>
      ))}
    </ul>
  );
}

/** isWhole: whether these are all; else the last day may go on on the next page, and has no sum yet. */
function DayTable({ open, days, isWhole }: { open: OpenDay[]; days: ClosedDay[]; isWhole: boolean }) {
  const groups = grouped(days);
  const cut = isWhole ? null : days.at(-1)?.business_day;
  return (
    <div class="table-place">
      <table class="table table-books">
        <thead>
          <tr>
            <th scope="col">{t("days.node")}</th>
            <th scope="col" class="number column-middle">{t("days.z")}</th>
            <th scope="col" class="column-wide">{t("days.numbers")}</th>
            <th scope="col" class="number column-middle">{t("office.orders")}</th>
            <th scope="col" class="number column-middle">{t("office.refunds")}</th>
            <th scope="col" class="number">{t("days.kept")}</th>
            <th scope="col">{t("days.state")}</th>
          </tr>
        </thead>
        {open.length > 0 && (
          <tbody>
            <GroupHead name={t("days.open")} hint={t("days.open_hint")} days={open} />
            {open.map((day) => (
              <OpenRow key={day.node_id} day={day} />
            ))}
          </tbody>
        )}
        {[...groups].map(([businessDay, rows]) => (
          <tbody key={businessDay}>
            <GroupHead name={dayName(businessDay)} days={rows} isCut={businessDay === cut} />
            {rows.map((day) => (
              <ClosedRow key={day.id} day={day} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function grouped(days: ClosedDay[]): Map<string, ClosedDay[]> {
  const groups = new Map<string, ClosedDay[]>();
  for (const day of days) groups.set(day.business_day, [...(groups.get(day.business_day) ?? []), day]);
  for (const rows of groups.values()) rows.sort((one, other) => nameOf(one).localeCompare(nameOf(other)));
  return groups;
}

function nameOf(day: DayOfNode): string {
  return `${day.store_name} ${day.node_name}`;
}

/** A business day is a day of the shop's calendar, whatever the time zone of this computer. */
export function dayName(day: string): string {
  const format = new Intl.DateTimeFormat(locale.value, { dateStyle: "full", timeZone: "UTC" });
  return format.format(new Date(`${day}T12:00:00Z`));
}

function GroupHead({ name, hint, days, isCut = false }: { name: string; hint?: string; days: DayOfNode[]; isCut?: boolean }) {
  const currencies = new Set(days.map((day) => day.currency));
  const kept = days.reduce((sum, day) => sum + day.kept_minor, 0);
  return (
    <tr class="group-head">
      <th scope="rowgroup" colSpan={7}>
        <span class="group-line">
          <span>
            {name} {hint !== undefined && <span class="quiet">{hint}</span>}
          </span>
          {currencies.size === 1 && days.length > 1 && !isCut && <Amount minor={kept} unit={days[0]!} />}
        </span>
      </th>
    </tr>
  );
}

function Node({ day }: { day: DayOfNode }) {
  return (
    <>
      <bdi>{day.node_name}</bdi>
      <span class="row-under">
        <bdi>{day.store_name}</bdi>
      </span>
    </>
  );
}

function Sums({ day }: { day: DayOfNode }) {
  return (
    <>
      <td class="column-wide">
        {day.first_number === null ? <span class="quiet">–</span> : <bdi>{`${day.first_number} – ${day.last_number ?? ""}`}</bdi>}
      </td>
      <td class="number column-middle">{whole(day.orders)}</td>
      <td class="number column-middle">{day.refunds === 0 ? <span class="quiet">–</span> : whole(day.refunds)}</td>
      <td class="number">
        <Amount minor={day.kept_minor} unit={day} class="row-total" />
      </td>
    </>
  );
}

function OpenRow({ day }: { day: OpenDay }) {
  return (
    <tr class="row-still" data-testid="open-day">
      <th scope="row">
        <Node day={day} />
      </th>
      <td class="number column-middle">
        <span class="quiet">–</span>
      </td>
      <Sums day={day} />
      <td>
        <DayBadge state="open" />
        {day.problems > 0 && <span class="row-under row-problem">{counted("days.problems", day.problems)}</span>}
      </td>
    </tr>
  );
}

function ClosedRow({ day }: { day: ClosedDay }) {
  const to = { page: "days", path: [day.id] } as const;
  return (
    <tr data-testid="day-row" onClick={() => go(to)}>
      <th scope="row">
        <a
          href={addressOf(to)}
          onClick={(event) => {
            event.stopPropagation();
            follow(event, to);
          }}
        >
          <Node day={day} />
        </a>
      </th>
      <td class="number column-middle">{whole(day.number)}</td>
      <Sums day={day} />
      <td>
        <DayBadge state={day.state} />
        {day.problems > 0 && day.state !== "due" && <span class="row-under row-problem">{counted("days.problems", day.problems)}</span>}
      </td>
    </tr>
  );
}
