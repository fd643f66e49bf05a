import { Icon } from "../../../shared/screens/src/icons";
import { LanguageSwitch } from "../../../shared/screens/src/language-switch";
import { t, whole } from "../../../shared/screens/src/messages";
import { connected, lane, online, store } from "./lane";
import { isLarge, isMuted, speak } from "./preferences";
import { open } from "./view";

export function Header() {
  const unsent = lane.value?.head_office.unsent ?? 0;
  return (
    <header class="header">
      <h1 class="store-name">
        <Icon name="store" />
        <bdi>{store.value?.name}</bdi>
      </h1>
      {!online.value && (
        <p class="chip" role="status" data-testid={connected.value ? "offline" : undefined}>
          <Icon name="silent" />
          <span>
            {t("kiosk.offline")} <span class="chip-more">{t("kiosk.offline_kept", { count: whole(unsent) })}</span>
          </span>
        </p>
      )}
    </header>
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
