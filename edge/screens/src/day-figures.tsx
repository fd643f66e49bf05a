import { Amount } from "../../../shared/screens/src/amount";
import { t, type Key } from "../../../shared/screens/src/messages";
import { unit } from "./lane";
import type { DayReport } from "./api-types";

/** The sums of a day, as they stand on its paper. */
export function DayFigures({ report, title }: { report: DayReport; title?: string }) {
  const figures = report.figures;
  const kept = figures.total_minor + figures.donations_minor + figures.rounding_minor - figures.refunded_minor;
  const rows: [Key, number][] = [
    ["day.gross", figures.gross_minor],
    ["day.discount", -figures.discount_minor],
    ["day.sold", figures.total_minor],
    ["day.donations", figures.donations_minor],
    ["day.refunded", -figures.refunded_minor],
    ["receipt.rounding", figures.rounding_minor],
  ];
  const numbers = figures.first_number === null ? "–" : `${figures.first_number} – ${figures.last_number}`;
  return (
    <>
      {title !== undefined && <h2>{title}</h2>}
      <dl class="day-figures">
        <Row label={t("day.orders")}>{figures.orders}</Row>
        <Row label={t("day.refunds")}>{figures.refunds}</Row>
        <Row label={t("day.numbers")}>
          <bdi>{numbers}</bdi>
        </Row>
      </dl>
      <dl class="day-figures">
        {rows
          .filter(([label, minor]) => minor !== 0 || label === "day.sold")
          .map(([label, minor]) => (
            <Row key={label} label={t(label)}>
              <Amount minor={minor} unit={unit.value} />
            </Row>
          ))}
      </dl>
      <dl class="day-figures">
        {figures.tenders.map((tender) => (
          <Row key={tender.kind} label={t(`receipt.${tender.kind}`)}>
            <Amount minor={tender.received_minor - tender.paid_out_minor} unit={unit.value} />
          </Row>
        ))}
        <div class="day-kept">
          <dt>{t("day.kept")}</dt>
          <dd data-testid="day-kept">
            <Amount minor={kept} unit={unit.value} />
          </dd>
        </div>
      </dl>
    </>
  );
}

function Row({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
