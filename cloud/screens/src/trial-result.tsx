import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { locale, t, whole } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import type { OfficeView } from "./api-types";
import { addressOf, follow } from "./router";
import type { CurrencyTrial, Sums, Trial } from "./trial-types";

/** What past orders would have come to, each currency by itself. */
export function TrialResult({ trial, view }: { trial: Trial; view: OfficeView }) {
  if (trial.orders === 0) {
    return (
      <div class="empty" data-testid="trial-empty">
        <Icon name="search" />
        <h2>{t("trials.none")}</h2>
        <p class="quiet">{t("trials.none_hint")}</p>
      </div>
    );
  }
  return (
    <>
      {trial.currencies.map((found) => {
        const exponent = view.stores.find((store) => store.currency === found.currency)?.exponent ?? 2;
        return <OfCurrency key={found.currency} found={found} unit={{ currency: found.currency, exponent }} />;
      })}
    </>
  );
}

function OfCurrency({ found, unit }: { found: CurrencyTrial; unit: Unit }) {
  const more = found.discount_after_minor - found.discount_before_minor;
  const sums = [
    ["trials.before", found.discount_before_minor],
    ["trials.after", found.discount_after_minor],
  ] as const;
  return (
    <section class="editor-section" data-testid="trial-result">
      <dl class="trial-sums">
        {sums.map(([word, minor]) => (
          <div key={word}>
            <dt>{t(word)}</dt>
            <dd>
              <Amount minor={minor} unit={unit} />
              <span class="quiet">{t("trials.turnover", { percent: share(minor, found.gross_minor) })}</span>
            </dd>
          </div>
        ))}
        <div class="trial-more">
          <dt>{t(more > 0 ? "trials.more" : more < 0 ? "trials.less" : "trials.same")}</dt>
          <dd>
            <Amount minor={Math.abs(more)} unit={unit} testid="trial-difference" />
          </dd>
        </div>
      </dl>
      <p>
        {t("trials.different", { different: whole(found.different), orders: whole(found.orders) })}{" "}
        {found.unproven > 0 && t("trials.unproven", { count: whole(found.unproven) })}
      </p>
      {found.promotions.length > 0 && <ByPromotion found={found} unit={unit} />}
      {found.biggest.length > 0 && <Biggest found={found} unit={unit} />}
    </section>
  );
}

function ByPromotion({ found, unit }: { found: CurrencyTrial; unit: Unit }) {
  return (
    <div class="scroll">
      <h2>{t("trials.by_promotion")}</h2>
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">{t("promotions.name")}</th>
            <th scope="col" class="number">{t("trials.orders_with")}</th>
            <th scope="col" class="number">{t("trials.uses")}</th>
            <th scope="col" class="number">{t("trials.before")}</th>
            <th scope="col" class="number">{t("trials.after")}</th>
            <th scope="col" class="number">{t("trials.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {found.promotions.map(({ promotion_id, name, before, after }) => (
            <tr key={promotion_id} data-testid="trial-promotion">
              <td>
                <bdi>{name}</bdi> <bdi class="quiet">{promotion_id}</bdi>
              </td>
              <Change before={before} after={after} of="orders" />
              <Change before={before} after={after} of="applications" />
              <td class="number">
                <Amount minor={before.discount_minor} unit={unit} bare />
              </td>
              <td class="number">
                <Amount minor={after.discount_minor} unit={unit} bare />
              </td>
              <td class="number">
                <Difference minor={after.discount_minor - before.discount_minor} unit={unit} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Change({ before, after, of }: { before: Sums; after: Sums; of: "orders" | "applications" }) {
  return (
    <td class="number">
      <bdi dir="ltr">{before[of] === after[of] ? whole(after[of]) : `${whole(before[of])} → ${whole(after[of])}`}</bdi>
    </td>
  );
}

function Difference({ minor, unit }: { minor: number; unit: Unit }) {
  return (
    <bdi class="trial-difference" dir="ltr">
      {minor > 0 && "+"}
      <Amount minor={minor} unit={unit} bare />
    </bdi>
  );
}

function Biggest({ found, unit }: { found: CurrencyTrial; unit: Unit }) {
  return (
    <div class="scroll">
      <h2>{t("trials.biggest")}</h2>
      <table class="small-table">
        <thead>
          <tr>
            <th scope="col">{t("office.receipt")}</th>
            <th scope="col" class="number">{t("office.gross")}</th>
            <th scope="col" class="number">{t("trials.before")}</th>
            <th scope="col" class="number">{t("trials.after")}</th>
            <th scope="col" class="number">{t("trials.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {found.biggest.map((one) => {
            const to = { page: "orders", order: one.order_id, query: "", store: "" } as const;
            return (
              <tr key={one.order_id} data-testid="trial-order">
                <td>
                  <a href={addressOf(to)} onClick={(event) => follow(event, to)}>
                    <bdi>{one.receipt_number}</bdi>
                  </a>
                </td>
                {[one.gross_minor, one.discount_before_minor, one.discount_after_minor].map((minor, index) => (
                  <td key={index} class="number">
                    <Amount minor={minor} unit={unit} bare />
                  </td>
                ))}
                <td class="number">
                  <Difference minor={one.discount_after_minor - one.discount_before_minor} unit={unit} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function share(minor: number, gross: number): string {
  const style = { style: "percent", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale.value, style).format(gross === 0 ? 0 : minor / gross);
}
