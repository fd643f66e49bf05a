import { useState } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { CouponDialog } from "./coupon-dialog";
import type { Campaign } from "./coupon-types";
import { Listing, useListed } from "./listing";

const PAGE = 200;

export function Coupons() {
  const listed = useListed<{ campaigns: Campaign[] }>(`/api/coupons?limit=${PAGE}`);
  const [edited, setEdited] = useState<Campaign | "new" | null>(null);
  const campaigns = listed.found?.campaigns ?? [];
  return (
    <>
      <button type="button" class="button form-act" data-testid="new-campaign" onClick={() => setEdited("new")}>
        <Icon name="plus" />
        {t("coupons.new")}
      </button>
      <Listing listed={listed} isEmpty={campaigns.length === 0} icon="special" none="coupons.none" noneHint="coupons.none_hint">
        <div class="table-place">
          <table class="table table-still">
            <thead>
              <tr>
                <th scope="col">{t("specials.name")}</th>
                <th scope="col">{t("coupons.kind")}</th>
                <th scope="col" class="number">{t("coupons.used")}</th>
                <th scope="col" class="number column-wide">{t("coupons.reserved")}</th>
                <th scope="col" class="number column-wide">{t("coupons.leased")}</th>
                <th scope="col" class="number">{t("coupons.left")}</th>
                <th scope="col" class="column-middle">{t("promotions.state")}</th>
                <th scope="col" class="column-middle" />
              </tr>
            </thead>
            <tbody>
              {campaigns.map((campaign) => (
                <CampaignRow key={campaign.id} campaign={campaign} onOpen={() => setEdited(campaign)} />
              ))}
            </tbody>
          </table>
        </div>
      </Listing>
      {edited !== null && (
        <CouponDialog
          known={edited === "new" ? null : edited}
          onClose={() => setEdited(null)}
          onDone={() => {
            setEdited(null);
            listed.load();
          }}
        />
      )}
    </>
  );
}

function CampaignRow({ campaign, onOpen }: { campaign: Campaign; onOpen: () => void }) {
  const { id, state, terms, used, reserved, leased, left } = campaign;
  return (
    <tr data-testid="campaign">
      <th scope="row" class="promotion-name">
        <button type="button" class="link" onClick={onOpen}>
          <bdi>{terms.name}</bdi>
        </button>
        <span class="sku quiet">
          <bdi>{id}</bdi>
        </span>
      </th>
      <td>
        <bdi dir="ltr">{terms.kind === "batch" ? `${terms.text}… × ${whole(terms.size ?? 0)}` : terms.text}</bdi>
      </td>
      <td class="number">{whole(used)}</td>
      <td class="number column-wide">{whole(reserved)}</td>
      <td class="number column-wide">{whole(leased)}</td>
      <td class="number">{left === null ? t("coupons.unlimited") : whole(left)}</td>
      <td class="column-middle">{t(`specials.state.${state}`)}</td>
      <td class="column-middle">
        {terms.kind === "batch" && (
          <a class="button button-quiet" href={`/api/coupons/${encodeURIComponent(id)}/codes.csv`} download data-testid="download">
            {t("coupons.download")}
          </a>
        )}
      </td>
    </tr>
  );
}
