import type { ComponentChildren } from "preact";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { locale, t } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import { age, fullMoment } from "../../../shared/screens/src/time";
import type { Order, OrderDetail, Refund } from "./api-types";
import { OrderLines } from "./order-lines";
import { Tenders } from "./tenders";

export function OrderFacts({ detail, exponent }: { detail: OrderDetail; exponent: number }) {
  const { order } = detail;
  const unit: Unit = { currency: order.currency, exponent };
  const delay = Date.parse(detail.received_at) - Date.parse(order.placed_at);
  return (
    <div class="facts">
      <p class="facts-total">
        <Amount minor={order.total_minor} unit={unit} testid="order-total" />
        {order.discount_minor > 0 && (
          <span class="facts-saving">
            <Icon name="saving" />
            {t("office.discount")} <Amount minor={-order.discount_minor} unit={unit} />
          </span>
        )}
      </p>
      <dl class="pairs">
        <Pair name={t("office.store")}>
          <bdi>{detail.store_name}</bdi> · <bdi>{detail.node_name}</bdi>
        </Pair>
        <Pair name={t("office.placed")}>{fullMoment(order.placed_at)}</Pair>
        <Pair name={t("office.business_day")}>
          <bdi>{order.business_day}</bdi>
        </Pair>
        <Pair name={t("office.received")}>
          {fullMoment(detail.received_at)} <span class="quiet">({t("office.received_after", { age: age(delay) })})</span>
        </Pair>
        <Pair name={t("office.order_id")}>
          <bdi class="order-id">{order.id}</bdi>
        </Pair>
      </dl>
      <h3>{t("office.lines")}</h3>
      <OrderLines order={order} unit={unit} />
      <h3>{t("office.tax")}</h3>
      <Taxes order={order} unit={unit} />
      <h3>{t("office.tenders")}</h3>
      <Tenders order={order} unit={unit} />
      <h3>{t("office.refunds")}</h3>
      {detail.refunds.length === 0 ? <p class="quiet">{t("office.no_refunds")}</p> : <Refunds refunds={detail.refunds} unit={unit} />}
    </div>
  );
}

function Pair({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Taxes({ order, unit }: { order: Order; unit: Unit }) {
  const percent = new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 2 });
  return (
    <table class="small-table">
      <thead>
        <tr>
          <th scope="col">%</th>
          <th scope="col" class="number">{t("office.net")}</th>
          <th scope="col" class="number">{t("office.tax")}</th>
          <th scope="col" class="number">{t("office.total")}</th>
        </tr>
      </thead>
      <tbody>
        {order.taxes.map((tax) => (
          <tr key={`${tax.tax_class}.${tax.rate_bp}`}>
            <td>
              <bdi>{percent.format(tax.rate_bp / 10_000)}</bdi>
            </td>
            {[tax.net_minor, tax.tax_minor, tax.gross_minor].map((minor, column) => (
              <td key={column} class="number">
                <Amount minor={minor} unit={unit} bare />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Refunds({ refunds, unit }: { refunds: Refund[]; unit: Unit }) {
  return (
    <ul class="refunds">
      {refunds.map((refund) => (
        <li key={refund.id}>
          <p class="split">
            <span>
              <bdi>{refund.receipt_number}</bdi> · {fullMoment(refund.placed_at)}
            </span>
            <Amount minor={-refund.total_minor} unit={unit} />
          </p>
          {refund.lines.map((line) => (
            <p class="split quiet" key={line.number}>
              <bdi>
                {line.quantity} × {line.name}
              </bdi>
              <Amount minor={-line.amount_minor} unit={unit} bare />
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}
