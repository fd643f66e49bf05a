import { signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { newIntent, Problem, read, send } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { Icon } from "../../../shared/screens/src/icons";
import { locale, t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { DayFigures } from "./day-figures";
import { store } from "./lane";
import { StaffPage } from "./staff-page";
import type { Closing, DayReport } from "./api-types";

const PAGE = 7; // closings: a week

const key = signal("");
const day = signal<DayReport | null>(null);
const closings = signal<Closing[]>([]);
const older = signal<number | null>(null);
const problem = signal<Problem | null>(null);
const news = signal("");

/** For staff: what was sold since the last closing, and closing the day. It works with the line cut. */
export function Day() {
  const [isSure, setIsSure] = useState(false);
  const now = day.value;
  return (
    <StaffPage title={t("day.title")}>
      <main>
        {now === null && <KeyForm />}
        {problem.value !== null && <ProblemAlert problem={problem.value} testid="day-problem" />}
        {news.value !== "" && (
          <p class="day-news" role="status" data-testid="day-news">
            <Icon name="done" /> {news.value}
          </p>
        )}
        {now !== null && store.value !== null && (
          <>
            <section class="day-report" data-testid="open-day">
              <DayFigures report={now} title={`${t("day.x")} · ${dayText(now.business_day)}`} />
              <div class="day-actions">
                <button type="button" class="button button-tall" data-testid="print-x" onClick={() => void attempt(printOpenDay)}>
                  <Icon name="printer" /> {t("day.print")}
                </button>
                <button type="button" class="button button-primary button-tall" data-testid="close-day" onClick={() => setIsSure(true)}>
                  {t("day.close")}
                </button>
              </div>
            </section>
            <Closings />
          </>
        )}
      </main>
      {isSure && now !== null && <Sure report={now} onClose={() => setIsSure(false)} />}
    </StaffPage>
  );
}

function KeyForm() {
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    void attempt(refresh);
  }
  return (
    <form class="day-key" onSubmit={submit}>
      <label class="devices-key">
        {t("kiosk.staff_key")}
        <input
          class="field"
          type="password"
          autocomplete="off"
          required
          value={key.value}
          onInput={(event) => (key.value = event.currentTarget.value.trim())}
        />
      </label>
      <button type="submit" class="button button-primary button-tall" data-testid="show-day">
        {t("day.show")}
      </button>
    </form>
  );
}

function Sure({ report, onClose }: { report: DayReport; onClose: () => void }) {
  const [intent] = useState(newIntent); // pressed twice, or repeated on a bad line: the same closing

  async function confirm(): Promise<void> {
    await attempt(async () => {
      const closed = await send<Closing>("POST", "/api/days/closings", {}, { intent, key: key.value });
      await refresh();
      news.value = t("day.closed", { day: dayText(closed.business_day), number: closed.number });
    });
    onClose();
  }

  return (
    <Dialog title={t("day.close_sure", { day: dayText(report.business_day) })} onClose={onClose} class="question">
      <p>{t("day.close_hint")}</p>
      <div class="answers">
        <button type="button" class="button button-tall" onClick={onClose}>
          {t("day.keep_open")}
        </button>
        <button type="button" class="button button-primary button-tall" data-testid="close-sure" onClick={() => void confirm()}>
          {t("day.close")}
        </button>
      </div>
    </Dialog>
  );
}

function Closings() {
  const list = closings.value;
  return (
    <section class="day-closings">
      <h2>{t("day.closings")}</h2>
      {list.length === 0 && <p class="devices-none">{t("day.no_closings")}</p>}
      {list.map((closing) => (
        <details key={closing.id} class="day-report" data-testid={`closing-${closing.number}`}>
          <summary>
            {dayText(closing.business_day)} · {t("day.z_number", { number: closing.number })}
          </summary>
          <DayFigures report={closing} />
          <button type="button" class="button" onClick={() => void attempt(() => printAgain(closing.id))}>
            <Icon name="printer" /> {t("day.reprint")}
          </button>
        </details>
      ))}
      {older.value !== null && (
        <button type="button" class="button" onClick={() => void attempt(loadOlder)}>
          {t("day.more")}
        </button>
      )}
    </section>
  );
}

/** A date as the reader writes it; it is a day, not a moment, so no time zone moves it. */
function dayText(day: string): string {
  return new Intl.DateTimeFormat(locale.value, { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${day}T00:00Z`));
}

async function attempt(act: () => Promise<void>): Promise<void> {
  problem.value = null;
  news.value = "";
  try {
    await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    problem.value = error;
  }
}

async function refresh(): Promise<void> {
  day.value = await read<DayReport>("/api/days/open", undefined, key.value);
  closings.value = [];
  older.value = null;
  await loadOlder();
}

async function loadOlder(): Promise<void> {
  const from = older.value === null ? "" : `&cursor=${older.value}`;
  const page = await read<{ closings: Closing[]; next: number | null }>(
    `/api/days/closings?limit=${PAGE}${from}`,
    undefined,
    key.value,
  );
  closings.value = [...closings.value, ...page.closings];
  older.value = page.next;
}

async function printOpenDay(): Promise<void> {
  await send("POST", "/api/days/open/prints", {}, { key: key.value });
  await refresh();
  news.value = t("day.printed");
}

async function printAgain(id: string): Promise<void> {
  await send("POST", `/api/orders/${id}/copies`, {});
  news.value = t("day.printed");
}
