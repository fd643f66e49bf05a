import { t } from "../../../shared/screens/src/messages";
import { fullMoment } from "../../../shared/screens/src/time";
import { Listing, More, usePages } from "./listing";
import { addressOf, follow } from "./router";

type Wrong =
  | "code_used_again"
  | "customer_used_again"
  | "used_beyond_total"
  | "used_beyond_lease"
  | "overspent"
  | "put_back_too_much"
  | "unknown_campaign"
  | "unknown_promotion"
  | "foreign_lottery_code"
  | "lottery_ran_out";

interface Exception {
  number: number;
  wrong: Wrong;
  campaign: string;
  order_id: string;
  at: string;
}

interface Page {
  exceptions: Exception[];
  next: number | null;
}

const PATH = "/api/specials/exceptions?limit=100";

/** Uses that were one too many: the orders stand, somebody looks at how it came. */
export function Exceptions() {
  const listed = usePages<Page>(PATH);
  const rows = listed.pages.flatMap((page) => page.exceptions);
  return (
    <Listing listed={listed} isEmpty={rows.length === 0} icon="done" none="exceptions.none" noneHint="exceptions.none_hint">
      <div class="table-place">
        <table class="table table-still">
          <thead>
            <tr>
              <th scope="col">{t("exceptions.what")}</th>
              <th scope="col">{t("exceptions.campaign")}</th>
              <th scope="col" class="column-middle">{t("exceptions.when")}</th>
              <th scope="col">{t("exceptions.order")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const to = { page: "orders", order: row.order_id, query: "", store: "" } as const;
              return (
                <tr key={row.number} data-testid="exception">
                  <th scope="row" class="promotion-name">
                    {t(`exceptions.wrong.${row.wrong}`)}
                  </th>
                  <td>
                    <bdi>{row.campaign}</bdi>
                  </td>
                  <td class="column-middle">{fullMoment(row.at)}</td>
                  <td>
                    <a href={addressOf(to)} onClick={(event) => follow(event, to)}>
                      {t("exceptions.look")}
                    </a>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <More listed={listed} />
    </Listing>
  );
}
