import { t, type Key } from "../../../shared/screens/src/messages";
import type { OfficeView } from "./api-types";
import { Coupons } from "./coupons";
import { Donations } from "./donations";
import { Exceptions } from "./exceptions";
import { Lotteries } from "./lotteries";
import { OperatorCaps } from "./operator-caps";
import { addressOf, follow, place } from "./router";

const TABS = ["coupons", "lotteries", "donations", "operators", "exceptions"] as const;

/** What stands beside promotions: coupons, lotteries, donations, what staff give by hand, and what was too much. */
export function Specials({ view }: { view: OfficeView }) {
  const tab = TABS.find((each) => each === place.value.path[0]) ?? "coupons";
  const unit = { currency: view.stores[0]?.currency ?? "EUR", exponent: view.stores[0]?.exponent ?? 2 };
  return (
    <>
      <div class="page-head">
        <h1>{t("specials.title")}</h1>
      </div>
      <nav class="tabs" aria-label={t("specials.title")}>
        {TABS.map((each) => {
          const to = { page: "specials", path: [each] } as const;
          return (
            <a
              key={each}
              class="tab"
              href={addressOf(to)}
              aria-current={each === tab ? "page" : undefined}
              data-testid={`tab-${each}`}
              onClick={(event) => follow(event, to)}
            >
              {t(`specials.${each}` as Key)}
            </a>
          );
        })}
      </nav>
      {tab === "coupons" && <Coupons />}
      {tab === "lotteries" && <Lotteries unit={unit} />}
      {tab === "donations" && <Donations view={view} />}
      {tab === "operators" && <OperatorCaps view={view} />}
      {tab === "exceptions" && <Exceptions />}
    </>
  );
}
