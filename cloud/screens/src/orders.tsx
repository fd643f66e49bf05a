import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { OfficeView, OrderRow, StoreView } from "./api-types";
import { OrderTable } from "./order-table";
import { load, older, problem, rows } from "./orders-state";
import { go, place } from "./router";

export function Orders({ view }: { view: OfficeView }) {
  return (
    <>
      <div class="page-head">
        <h1>{t("office.orders")}</h1>
        <p class="quiet">{counted("office.orders_count", view.orders_total)}</p>
        <StoreFilter stores={view.stores} />
      </div>
      {problem.value !== null && <ProblemAlert problem={problem.value} />}
      {rows.value === null ? <p class="quiet">{t("screen.loading")}</p> : <Found found={rows.value} />}
    </>
  );
}

function Found({ found }: { found: OrderRow[] }) {
  if (found.length === 0) return <NoOrders />;
  return (
    <>
      <OrderTable rows={found} />
      {older.value !== null && (
        <button type="button" class="button older" data-testid="older" onClick={() => void load(older.value)}>
          {t("office.older")}
        </button>
      )}
    </>
  );
}

function NoOrders() {
  const { query, store } = place.value;
  const isFiltered = query !== "" || store !== "";
  return (
    <div class="empty">
      <Icon name={isFiltered ? "search" : "receipt"} />
      <h2>{query ? t("office.nothing_found", { query }) : t("office.no_orders")}</h2>
      <p class="quiet">{t(query ? "office.nothing_found_hint" : "office.no_orders_hint")}</p>
      {isFiltered && (
        <button type="button" class="button" onClick={() => go({ query: "", store: "" })}>
          {t("office.clear_search")}
        </button>
      )}
    </div>
  );
}

function StoreFilter({ stores }: { stores: StoreView[] }) {
  if (stores.length < 2) return null;
  return (
    <select
      class="field filter"
      aria-label={t("office.store")}
      data-testid="store-filter"
      value={place.value.store}
      onChange={(event) => go({ store: event.currentTarget.value, order: null })}
    >
      <option value="">{t("office.all_stores")}</option>
      {stores.map((store) => (
        <option key={store.id} value={store.id}>
          {store.name}
        </option>
      ))}
    </select>
  );
}
