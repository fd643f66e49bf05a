import { Icon } from "../../../shared/screens/src/icons";
import { LanguageSwitch } from "../../../shared/screens/src/language-switch";
import { t, whole } from "../../../shared/screens/src/messages";
import type { HeadOffice } from "./api-types";
import { connected, lane, online, store } from "./lane";
import { isLarge, isMuted, speak } from "./preferences";
import { PricesAsOf, areOld, pricesText } from "./prices";
import { open } from "./view";

export function Header() {
  const office = lane.value?.head_office ?? null;
  return (
    <header class="header">
      <h1 class="store-name">
        <Icon name="store" />
        <bdi>{store.value?.name}</bdi>
      </h1>
      {online.value ? office !== null && <PricesAsOf office={office} /> : <Away office={office} />}
    </header>
  );
}

/** Head office is away: the shop goes on, with the prices that it had. */
function Away({ office }: { office: HeadOffice | null }) {
  return (
    <p
      class={office !== null && areOld(office) ? "chip chip-old" : "chip"}
      role="status"
      data-testid={connected.value ? "offline" : undefined}
    >
      <Icon name="silent" />
      <span>
        {t("kiosk.offline")} <span class="chip-more">{t("kiosk.offline_kept", { count: whole(office?.unsent ?? 0) })}</span>
        {office !== null && office.prices_as_of !== null && <span class="chip-prices"> {pricesText(office)}</span>}
      </span>
    </p>
  );
}

/** How the shopper wants it: language, large type, sound, help. */
export function Controls() {
  return (
    <div class="controls">
      <LanguageSwitch onChoose={speak} />
      <div class="controls-more">
        <button
          type="button"
          class="button"
          aria-pressed={isLarge.value}
          aria-label={t("kiosk.large_type")}
          data-testid="large-type"
          onClick={() => (isLarge.value = !isLarge.value)}
        >
          <Icon name="largeType" />
          <span class="controls-word">{t("kiosk.large_type")}</span>
        </button>
        <button
          type="button"
          class="button"
          aria-pressed={isMuted.value}
          aria-label={t("kiosk.mute")}
          data-testid="mute"
          onClick={() => (isMuted.value = !isMuted.value)}
        >
          <Icon name={isMuted.value ? "muted" : "sound"} />
        </button>
        <button type="button" class="button" aria-label={t("kiosk.help")} data-testid="help" onClick={() => open("help")}>
          <Icon name="help" />
          <span class="controls-word">{t("kiosk.help")}</span>
        </button>
      </div>
    </div>
  );
}
