import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { locale, t, whole } from "../../../shared/screens/src/messages";
import type { PromotionRow } from "./promotion-types";
import { addressOf, follow } from "./router";

const PUBLISHED: Record<PromotionRow["published"], IconName> = { as_is: "check", earlier: "waiting", no: "silent" };

export function PromotionTable({ rows }: { rows: PromotionRow[] }) {
  return (
    <div class="table-place">
      <table class="table table-still">
        <thead>
          <tr>
            <th scope="col">{t("promotions.name")}</th>
            <th scope="col" class="column-middle">{t("promotions.family")}</th>
            <th scope="col" class="number column-middle">{t("promotions.layer")}</th>
            <th scope="col" class="column-middle">{t("promotions.window")}</th>
            <th scope="col" class="column-wide">{t("promotions.opened_by")}</th>
            <th scope="col">{t("promotions.state")}</th>
            <th scope="col">{t("promotions.at_stores")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} data-testid="promotion-row">
              <th scope="row" class="promotion-name">
                <a
                  href={addressOf(editing(row.id))}
                  data-testid="open-promotion"
                  onClick={(event) => follow(event, editing(row.id))}
                >
                  <bdi>{row.name}</bdi>
                </a>
                <span class="sku quiet">
                  <bdi>{row.id}</bdi>
                </span>
              </th>
              <td class="column-middle">{t(`promotions.family.${row.family}`)}</td>
              <td class="number column-middle">{whole(row.layer)}</td>
              <td class="column-middle">{windowOf(row)}</td>
              <td class="column-wide">
                <bdi>{row.coupon ?? row.member_tag ?? "–"}</bdi>
              </td>
              <td>{t(`promotions.state.${row.state}`)}</td>
              <td>
                <span class={row.published === "as_is" ? "standing" : "standing standing-open"}>
                  <Icon name={PUBLISHED[row.published]} />
                  {t(`promotions.published.${row.published}`)}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function editing(id: string) {
  return { page: "promotions", path: ["edit", id] } as const;
}

/** First and last day, by each store's own clock. */
function windowOf({ starts, ends }: PromotionRow): string {
  if (starts !== null && ends !== null) return t("promotions.from_to", { from: day(starts), to: day(ends) });
  if (starts !== null) return t("promotions.from", { from: day(starts) });
  return ends !== null ? t("promotions.to", { to: day(ends) }) : t("promotions.always");
}

function day(moment: string): string {
  const hasTime = moment.length > 10;
  const when = new Date(hasTime ? moment.replace(" ", "T") : `${moment}T00:00`);
  const style = hasTime ? ({ dateStyle: "medium", timeStyle: "short" } as const) : ({ dateStyle: "medium" } as const);
  return new Intl.DateTimeFormat(locale.value, style).format(when);
}
