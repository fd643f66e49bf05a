import { plain, type Unit } from "../../../shared/screens/src/money";
import { known, locale, t, whole } from "../../../shared/screens/src/messages";
import type { DayDetail, Figures, Told } from "./book-types";

const KEYS: Record<string, string[]> = { tenders: ["kind"], taxes: ["tax_class", "rate_bp"], refunded_taxes: ["tax_class", "rate_bp"] };

const LABELS = ["series", "currency", "business_day"];

interface Row {
  field: string;
  told: Told;
  found: Told;
}

/** Both columns of figures, field by field; what differs stands out and says by how much. */
export function DayFigures({ detail }: { detail: DayDetail }) {
  const { day, closing, verdict } = detail;
  const differing = new Map((verdict?.differences ?? []).map((each) => [each.field, each]));
  const rows = rowsOf(closing.figures, verdict?.found ?? null);
  const allTime = differing.get("all_time_minor");
  // Where the closing before is not here nobody knows with what it began, so nothing was compared.
  const isCompared = verdict?.found != null && !verdict.findings.some((each) => each.kind === "previous_missing");
  rows.push({ field: "all_time_minor", told: closing.all_time_minor, found: allTime ? allTime.found : isCompared ? closing.all_time_minor : null });
  // What the closing calls itself is shown only where it is wrong.
  rows.push(...LABELS.flatMap((field) => differing.get(field) ?? []));
  const shown = rows.filter((row) => differing.has(row.field) || (row.told !== 0 && row.told !== null));
  return (
    <section class="editor-section">
      <h2>
        {t("days.figures")} <span class="quiet">{day.currency}</span>
      </h2>
      <div class="book-scroll">
        <table class="small-table book-figures">
          <thead>
            <tr>
              <th scope="col">{t("days.figure")}</th>
              <th scope="col" class="number">{t("days.told")}</th>
              <th scope="col" class="number">{t("days.found")}</th>
              <th scope="col" class="number">{t("days.difference")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={row.field} class={differing.has(row.field) ? "differs" : undefined} data-testid={differing.has(row.field) ? "difference" : "figure"}>
                <th scope="row">{fieldName(row.field)}</th>
                <td class="number">{value(row.field, row.told, day)}</td>
                <td class="number">{verdict?.found ? value(row.field, row.found, day) : "–"}</td>
                <td class="number">{differing.has(row.field) && difference(row, day)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function rowsOf(told: Figures, found: Figures | null): Row[] {
  const ours = found === null ? new Map<string, Told>() : flat(found);
  const theirs = flat(told);
  const fields = [...theirs.keys(), ...[...ours.keys()].filter((field) => !theirs.has(field))];
  return fields.map((field) => ({ field, told: theirs.get(field) ?? null, found: ours.get(field) ?? null }));
}

/** Figures under the names that differences have: "taxes.standard.2000.tax_minor". */
function flat(figures: Figures): Map<string, Told> {
  const found = new Map<string, Told>();
  for (const [name, value] of Object.entries(figures)) {
    if (!Array.isArray(value)) found.set(name, value);
    else
      for (const row of value) {
        const keys = KEYS[name] ?? [];
        const prefix = [name, ...keys.map((key) => row[key])].join(".");
        for (const [field, part] of Object.entries(row)) if (!keys.includes(field)) found.set(`${prefix}.${field}`, part);
      }
  }
  return found;
}

function fieldName(field: string): string {
  const parts = field.split(".");
  const last = known(`days.field.${parts.at(-1)}`) ?? field;
  if (parts[0] === "tenders") return `${parts[1] === "cash" ? t("office.cash") : t("office.card")}: ${last}`;
  if (parts[0] === "taxes" || parts[0] === "refunded_taxes") {
    const percent = new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 2 });
    const facts = { rate: percent.format(Number(parts.at(-2)) / 10_000), name: parts.slice(1, -2).join(".") };
    const inside = parts.at(-1) === "gross_minor" ? t("office.total") : last;
    return `${t(parts[0] === "taxes" ? "days.tax_on" : "days.tax_back", facts)}: ${inside}`;
  }
  return last;
}

function value(field: string, told: Told, unit: Unit) {
  if (told === null) return "–";
  if (typeof told === "string") return <bdi>{told}</bdi>;
  return <bdi class="amount">{field.endsWith("_minor") ? plain(told, unit) : whole(told)}</bdi>;
}

function difference({ field, told, found }: Row, unit: Unit) {
  if (typeof told === "string" || typeof found === "string") return null;
  const more = (found ?? 0) - (told ?? 0);
  return <bdi class="amount">{(more > 0 ? "+" : "") + (field.endsWith("_minor") ? plain(more, unit) : whole(more))}</bdi>;
}
