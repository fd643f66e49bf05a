import type { ComponentChildren } from "preact";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, isolated, t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { fullMoment } from "../../../shared/screens/src/time";
import { BackLink } from "./back-link";
import type { DayDetail, Finding } from "./book-types";
import { DayFigures } from "./day-figures";
import { DayBadge } from "./day-state";
import { dayName } from "./days";
import { useListed } from "./listing";
import { freshness } from "./office";
import { addressOf, follow } from "./router";

/** One closed day: what the box told beside what head office has, and everything that was found. */
export function DayDetailPage({ id }: { id: string }) {
  const { found, problem } = useListed<DayDetail>(`/api/days/${encodeURIComponent(id)}`, freshness.value);
  return (
    <>
      <div class="page-head" data-testid="day">
        <BackLink to={{ page: "days" }} word="days.back" />
        <h1>{found === null ? "…" : t("days.closing", { number: whole(found.day.number), node: isolated(found.day.node_name) })}</h1>
        {found !== null && <DayBadge state={found.day.state} />}
      </div>
      {problem !== null && <ProblemAlert problem={problem} />}
      {found === null && problem === null && <p class="quiet">{t("screen.loading")}</p>}
      {found !== null && <Whole detail={found} />}
    </>
  );
}

function Whole({ detail }: { detail: DayDetail }) {
  const { day, closing, verdict } = detail;
  return (
    <div class="book">
      <p class={`book-verdict book-${day.state}`} role="status">
        {t(`days.${day.state}_hint`)}
      </p>
      <section class="editor-section">
        <p class="facts-total">
          <Amount minor={day.kept_minor} unit={day} />
        </p>
        <dl class="pairs">
          <Pair name={t("office.store")}>
            <bdi>{day.store_name}</bdi> · <bdi>{day.node_name}</bdi>
          </Pair>
          <Pair name={t("office.business_day")}>{dayName(day.business_day)}</Pair>
          <Pair name={t("days.closed_at")}>{fullMoment(day.closed_at)}</Pair>
          <Pair name={t("office.received")}>{fullMoment(day.received_at)}</Pair>
          <Pair name={t("days.checked_at")}>{day.checked_at === null ? "–" : fullMoment(day.checked_at)}</Pair>
          <Pair name={t("days.numbers")}>{day.first_number === null ? "–" : <bdi>{`${day.first_number} – ${day.last_number ?? ""}`}</bdi>}</Pair>
          <Pair name={t("days.entries")}>
            <bdi>{`${whole(closing.first_seq)} – ${whole(closing.last_seq)}`}</bdi>
          </Pair>
        </dl>
      </section>
      {verdict !== null && verdict.findings.length > 0 && (
        <section class="editor-section">
          <h2>{t("days.findings")}</h2>
          <ul class="book-findings">
            {verdict.findings.map((finding, index) => (
              <FindingLine key={index} finding={finding} nodeId={day.node_id} />
            ))}
          </ul>
          {verdict.findings_more > 0 && <p class="quiet">{counted("days.findings_more", verdict.findings_more)}</p>}
        </section>
      )}
      {verdict !== null && verdict.corrected.length > 0 && (
        <p class="quiet">{t("days.corrected", { what: verdict.corrected.map(whole).join(", ") })}</p>
      )}
      <DayFigures detail={detail} />
    </div>
  );
}

function FindingLine({ finding, nodeId }: { finding: Finding; nodeId: string }) {
  const what = isolated(finding.last === null ? finding.first : `${finding.first} – ${finding.last}`);
  const to = { page: "alarms", path: ["entries", nodeId, finding.first] } as const;
  const isEntry = finding.kind === "waiting" || finding.kind === "settled";
  return (
    <li data-testid="finding">
      <Icon name="alert" />
      <span>
        {t(`days.finding.${finding.kind}`, { what })}{" "}
        {isEntry && (
          <a href={addressOf(to)} onClick={(event) => follow(event, to)}>
            {t("days.look")}
          </a>
        )}
      </span>
    </li>
  );
}

export function Pair({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
