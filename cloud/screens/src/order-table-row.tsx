import { Amount } from "../../../shared/screens/src/amount";
import { t, whole } from "../../../shared/screens/src/messages";
import { fullMoment, moment } from "../../../shared/screens/src/time";
import type { OrderRow } from "./api-types";
import { now } from "./office";
import { arrived } from "./orders-state";
import { addressOf, follow, go, place } from "./router";

interface Props {
  row: OrderRow;
  isBare: boolean;
  isReachable: boolean;
  onFocus: () => void;
}

export function OrderTableRow({ row, isBare, isReachable, onFocus }: Props) {
  const isOpen = place.value.order === row.id;
  return (
    <tr
      data-id={row.id}
      data-testid="order-row"
      class={arrived.value.has(row.id) ? "arrived" : undefined}
      aria-selected={isOpen}
      tabIndex={isReachable ? 0 : -1}
      onFocus={onFocus}
      onClick={() => go({ order: row.id }, place.value.order === null ? "push" : "replace")}
    >
      <th scope="row">
        <a
          href={addressOf({ order: row.id })}
          tabIndex={-1}
          onClick={(event) => {
            event.stopPropagation();
            follow(event, { order: row.id });
          }}
        >
          <bdi>{row.receipt_number}</bdi>
        </a>
        <span class="row-store">{row.store_name}</span>
      </th>
      <td title={fullMoment(row.placed_at)}>
        <bdi>{moment(row.placed_at, now.value)}</bdi>
      </td>
      <td class="column-store">
        <bdi>{row.store_name}</bdi> <span class="quiet">{row.node_name}</span>
      </td>
      <td class="column-wide" title={fullMoment(row.received_at)}>
        <bdi>{moment(row.received_at, now.value)}</bdi>
      </td>
      <td class="column-wide">{row.tenders.map((kind) => t(kind === "cash" ? "office.cash" : "office.card")).join(" + ")}</td>
      <td class="number column-middle">{whole(row.quantity)}</td>
      <td class="number column-middle">
        {row.discount_minor > 0 ? <Amount minor={-row.discount_minor} unit={row} bare={isBare} /> : <span class="quiet">–</span>}
      </td>
      <td class="number">
        <Amount minor={row.total_minor} unit={row} bare={isBare} class="row-total" />
        {row.refunded_minor > 0 && (
          <span class="row-refunded">
            {t("office.refunded")} <Amount minor={row.refunded_minor} unit={row} bare={isBare} />
          </span>
        )}
      </td>
    </tr>
  );
}
