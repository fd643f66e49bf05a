import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { isolated, t } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import { attempt, readDonations, removeDonation, setDonation } from "./actions";
import type { BasketView, Campaign } from "./api-types";
import { store, unit } from "./lane";

const ROUND_MIN = 100; // minor units; a currency without decimals is rounded to hundreds

/** Asks once whether the shopper wants to give something; nothing is chosen beforehand. */
export function Donate({ basket }: { basket: BasketView }) {
  const [campaigns, setCampaigns] = useState<Campaign[]>([]);
  const [chosen, setChosen] = useState(0);

  useEffect(() => {
    // Without an answer nobody is asked; paying does not wait for it.
    if (store.value?.asks_for_donations) readDonations().then(setCampaigns, () => setCampaigns([]));
  }, []);

  const campaign = campaigns[chosen];
  if (basket.donation !== null) return <Given basket={basket} />;
  if (campaign === undefined) return null;
  const step = Math.max(10 ** unit.value.exponent, ROUND_MIN);
  const missing = (step - (basket.total_minor % step)) % step;
  const amounts = store.value?.donation_amounts_minor ?? [];
  return (
    <section class="give" aria-labelledby="give-title" data-testid="give">
      <h3 id="give-title">{t("kiosk.give_to", { name: isolated(campaign.name) })}</h3>
      <p class="pay-note">{t("kiosk.give_hint")}</p>
      {campaigns.length > 1 && (
        <div class="give-whom" role="group" aria-label={t("kiosk.give_whom")}>
          {campaigns.map((each, index) => (
            <button key={each.id} type="button" class="button" aria-pressed={index === chosen} onClick={() => setChosen(index)}>
              <bdi>{each.name}</bdi>
            </button>
          ))}
        </div>
      )}
      <div class="give-amounts">
        {missing > 0 && (
          <button
            type="button"
            class="button button-tall"
            data-testid="give-round"
            onClick={() => attempt(setDonation(basket.id, { campaign: campaign.id, round_to_minor: step }))}
          >
            {t("kiosk.give_round", { amount: money(missing, unit.value) })}
          </button>
        )}
        {(amounts.length > 0 ? amounts : [step]).map((minor) => (
          <button
            key={minor}
            type="button"
            class="button button-tall"
            data-testid="give-amount"
            onClick={() => attempt(setDonation(basket.id, { campaign: campaign.id, amount_minor: minor }))}
          >
            {money(minor, unit.value)}
          </button>
        ))}
      </div>
    </section>
  );
}

function Given({ basket }: { basket: BasketView }) {
  const { name, minor } = basket.donation!;
  return (
    <section class="give give-given" role="status" data-testid="given-away">
      <Icon name="done" />
      <p>{t("kiosk.give_thanks", { name: isolated(name), amount: money(minor, unit.value) })}</p>
      <button type="button" class="button" data-testid="give-nothing" onClick={() => attempt(removeDonation(basket.id))}>
        {t("kiosk.give_nothing")}
      </button>
    </section>
  );
}
