import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { AlarmPages } from "./alarm-pages";
import { DayPages } from "./day-pages";
import { Navigation } from "./navigation";
import { office, session } from "./office";
import { Orders } from "./orders";
import { OrderPanel } from "./order-panel";
import { PromotionPages } from "./promotion-pages";
import { place } from "./router";
import { Search } from "./search";
import { SignIn } from "./sign-in";
import { Specials } from "./specials";
import { Stale } from "./stale";
import { StoreSettings } from "./store-settings";
import { Stores } from "./stores";

export function App() {
  if (session.value === "signed-out") return <SignIn />;
  const view = office.value;
  if (view === null) {
    return (
      <main class="empty empty-patient" data-testid="stale">
        <Icon name="disconnected" />
        <h1>{t("office.stale")}</h1>
      </main>
    );
  }
  const { page, path, order } = place.value;
  return (
    <div class={order === null ? "office" : "office office-with-panel"}>
      <Navigation tenant={view.tenant_name} />
      <header class="top">
        <Search />
      </header>
      <Stale />
      <main class="page">
        {page === "stores" && (path[0] === undefined ? <Stores view={view} /> : <StoreSettings key={path[0]} id={path[0]} view={view} />)}
        {page === "orders" && <Orders view={view} />}
        {page === "days" && <DayPages view={view} />}
        {page === "alarms" && <AlarmPages view={view} />}
        {page === "specials" && <Specials view={view} />}
        {page === "promotions" && <PromotionPages view={view} />}
      </main>
      {order !== null && <OrderPanel key={order} id={order} />}
    </div>
  );
}
