import { Amount } from "../../../shared/screens/src/amount";
import { locale, t } from "../../../shared/screens/src/messages";
import type { OfficeView } from "./api-types";
import { Listing, useListed } from "./listing";
import { addressOf, follow } from "./router";

interface Capped {
  id: string;
  name: string;
  currency: string;
  operator_discount_max_bp: number;
  operator_discount_max_minor: number | null;
}

/** What staff may take off in each store; it is a setting of the store and is changed there. */
export function OperatorCaps({ view }: { view: OfficeView }) {
  const listed = useListed<{ stores: Capped[] }>("/api/stores");
  const stores = listed.found?.stores ?? [];
  const percent = new Intl.NumberFormat(locale.value, { style: "percent", maximumFractionDigits: 2 });
  return (
    <>
      <p class="quiet">{t("operators.hint")}</p>
      <Listing listed={listed} isEmpty={stores.length === 0} icon="store" none="office.no_stores" noneHint="office.no_stores_hint">
        <div class="table-place">
          <table class="table table-still table-wrapping">
            <thead>
              <tr>
                <th scope="col">{t("office.store")}</th>
                <th scope="col" class="number">{t("operators.most_share")}</th>
                <th scope="col" class="number">{t("operators.most_amount")}</th>
              </tr>
            </thead>
            <tbody>
              {stores.map((store) => {
                const to = { page: "stores", path: [store.id] } as const;
                const exponent = view.stores.find((each) => each.id === store.id)?.exponent ?? 2;
                const most = store.operator_discount_max_minor;
                return (
                  <tr key={store.id} data-testid="capped-store">
                    <th scope="row" class="promotion-name">
                      <a href={addressOf(to)} aria-label={t("operators.change_of", { name: store.name })} onClick={(event) => follow(event, to)}>
                        <bdi>{store.name}</bdi>
                      </a>
                    </th>
                    <td class="number">{percent.format(store.operator_discount_max_bp / 10_000)}</td>
                    <td class="number">
                      {most === null ? t("coupons.unlimited") : <Amount minor={most} unit={{ currency: store.currency, exponent }} />}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      </Listing>
    </>
  );
}
