import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import type { NodeView, OfficeView, StoreView } from "./api-types";
import { FirstStore } from "./first-store";
import { NodeRow } from "./node-row";
import { addressOf, follow } from "./router";

const ENTRIES = { page: "alarms", path: ["entries"] } as const;

export function Stores({ view }: { view: OfficeView }) {
  if (view.stores.length === 0) return <FirstStore />;
  return (
    <>
      <div class="page-head">
        <h1>{t("office.stores")}</h1>
        <p class="quiet">
          {counted("office.stores_count", view.stores.length)} · {counted("office.orders_count", view.orders_total)}
        </p>
      </div>
      {view.quarantined > 0 && (
        <p class="alert" role="status" data-testid="quarantined">
          <Icon name="alert" />
          <a href={addressOf(ENTRIES)} onClick={(event) => follow(event, ENTRIES)}>
            {counted("office.quarantined", view.quarantined)}
          </a>
        </p>
      )}
      {view.promotion_alarms > 0 && (
        <p class="alert" role="status" data-testid="promotion-alarms-count">
          <Icon name="alert" />
          <a
            href={addressOf({ page: "promotions" })}
            onClick={(event) => follow(event, { page: "promotions" })}
          >
            {counted("promotions.alarms", view.promotion_alarms)}
          </a>
        </p>
      )}
      <div class="stores">
        {view.stores.map((store) => (
          <StoreCard key={store.id} store={store} />
        ))}
      </div>
    </>
  );
}

function StoreCard({ store }: { store: StoreView }) {
  const to = { page: "orders", order: null, query: "", store: store.id } as const;
  const settings = { page: "stores", path: [store.id] } as const;
  return (
    <section class="store" data-testid="store-row">
      <header class="store-head">
        <h2>
          <bdi>{store.name}</bdi>
        </h2>
        <span class="quiet">
          <bdi>{store.code}</bdi> · {store.country} · {store.currency}
        </span>
        <span class="store-links">
          <a
            class="button button-quiet"
            href={addressOf(settings)}
            data-testid="store-settings"
            onClick={(event) => follow(event, settings)}
          >
            {t("settings.open")}
          </a>
          <a class="button button-quiet" href={addressOf(to)} onClick={(event) => follow(event, to)}>
            {t("office.orders")}
            <Icon name="onward" />
          </a>
        </span>
      </header>
      {store.nodes.length === 0 ? (
        <p class="store-empty quiet">{t("office.no_nodes")}</p>
      ) : (
        <ul class="nodes">
          {retiredLast(store.nodes).map((node) => (
            <NodeRow key={node.id} node={node} />
          ))}
        </ul>
      )}
    </section>
  );
}

function retiredLast(nodes: NodeView[]): NodeView[] {
  return [...nodes.filter((node) => node.retired_at === null), ...nodes.filter((node) => node.retired_at !== null)];
}
