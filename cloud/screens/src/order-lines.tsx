import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import type { Order, OrderLine } from "./api-types";

export function OrderLines({ order, unit }: { order: Order; unit: Unit }) {
  return (
    <table class="small-table">
      <thead>
        <tr>
          <th scope="col">{t("office.product")}</th>
          <th scope="col" class="number">{t("office.quantity")}</th>
          <th scope="col" class="number">{t("office.price")}</th>
          <th scope="col" class="number">
            {t("office.amount")} <span class="head-unit">{unit.currency}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <LineRows key={line.number} line={line} order={order} unit={unit} />
        ))}
      </tbody>
      <tfoot>
        {order.discount_minor > 0 && <Sum name={t("office.gross")} minor={order.gross_minor} unit={unit} />}
        {order.discount_minor > 0 && <Sum name={t("office.discount")} minor={-order.discount_minor} unit={unit} />}
        <Sum name={t("office.total")} minor={order.total_minor} unit={unit} isStrong />
        {order.donation && (
          <>
            <Sum name={`${t("office.donation")}: ${order.donation.name}`} minor={order.donation.minor} unit={unit} />
            <Sum name={t("office.to_pay")} minor={order.total_minor + order.donation.minor} unit={unit} isStrong />
          </>
        )}
      </tfoot>
    </table>
  );
}

function LineRows({ line, order, unit }: { line: OrderLine; order: Order; unit: Unit }) {
  return (
    <>
      <tr>
        <td>
          <bdi>{line.name}</bdi>
          <span class="sku quiet">{line.sku}</span>
        </td>
        <td class="number">{whole(line.quantity)}</td>
        <td class="number">
          <Amount minor={line.unit_price_minor} unit={unit} bare />
        </td>
        <td class="number">
          <Amount minor={line.gross_minor} unit={unit} bare />
        </td>
      </tr>
      {savingsOf(order, line.number).map((saving) => (
          <tr key={saving.promotionId} class="promotion">
            <td colSpan={3}>
              <Icon name="saving" /> <bdi>{saving.name}</bdi>
            </td>
            <td class="number">
              <Amount minor={-saving.minor} unit={unit} bare />
            </td>
          </tr>
        ))}
    </>
  );
}

/** What each promotion took off one line. */
function savingsOf(order: Order, number: number) {
  return order.applications
    .map((use) => ({
      promotionId: use.promotion_id,
      name: use.name,
      minor: use.parts.filter((part) => part.line_number === number).reduce((sum, part) => sum + part.discount_minor, 0),
    }))
    .filter((saving) => saving.minor > 0);
}

function Sum({ name, minor, unit, isStrong }: { name: string; minor: number; unit: Unit; isStrong?: boolean }) {
  return (
    <tr class={isStrong ? "sum-strong" : undefined}>
      <th scope="row" colSpan={3}>
        {name}
      </th>
      <td class="number">
        <Amount minor={minor} unit={unit} bare />
      </td>
    </tr>
  );
}
