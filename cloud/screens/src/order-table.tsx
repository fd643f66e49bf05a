import { useState } from "preact/hooks";
import { t } from "../../../shared/screens/src/messages";
import type { OrderRow } from "./api-types";
import { OrderTableRow } from "./order-table-row";
import { go, place } from "./router";

const MOVES: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 };

/** A dense table that is walked with the arrow keys; Enter opens a row. */
export function OrderTable({ rows }: { rows: OrderRow[] }) {
  const [current, setCurrent] = useState<string | null>(place.value.order);
  const reachable = rows.some((row) => row.id === current) ? current : rows[0]?.id;
  // A currency stands once in the head where all rows share it.
  const shared = new Set(rows.map((row) => row.currency)).size === 1 ? rows[0]!.currency : null;

  function onKeyDown(event: KeyboardEvent): void {
    const move = MOVES[event.key];
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>("tr[data-id]") : null;
    if (row === null) return;
    if (event.key === "Enter") {
      event.preventDefault();
      go({ order: row.dataset["id"] ?? null }, place.value.order === null ? "push" : "replace");
    } else if (move !== undefined) {
      event.preventDefault();
      const index = rows.findIndex((each) => each.id === row.dataset["id"]);
      const next = rows[Math.min(Math.max(index + move, 0), rows.length - 1)]!;
      setCurrent(next.id);
      row.parentElement?.querySelector<HTMLElement>(`[data-id="${CSS.escape(next.id)}"]`)?.focus();
    }
  }

  return (
    <div class="table-place">
      <table class="table" onKeyDown={onKeyDown}>
        <thead>
          <tr>
            <th scope="col">{t("office.receipt")}</th>
            <th scope="col">{t("office.placed")}</th>
            <th scope="col" class="column-store">{t("office.store")}</th>
            <th scope="col" class="column-wide">{t("office.received")}</th>
            <th scope="col" class="column-wide">{t("office.paid_by")}</th>
            <th scope="col" class="number column-middle">{t("office.items")}</th>
            <th scope="col" class="number column-middle">{t("office.discount")}</th>
            <th scope="col" class="number">
              {t("office.total")}
              {shared !== null && <span class="head-unit"> {shared}</span>}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <OrderTableRow
              key={row.id}
              row={row}
              isBare={shared !== null}
              isReachable={row.id === reachable}
              onFocus={() => setCurrent(row.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
