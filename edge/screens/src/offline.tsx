import { signal } from "@preact/signals";
import { read } from "../../../shared/screens/src/api";
import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { lane, online } from "./lane";
import { StaffPage } from "./staff-page";
import type { Capability } from "./api-types";

const RETRY_MS = 1000;
const ICONS: Record<Capability["offline"], IconName> = { works: "check", limited: "alert", later: "busy", not: "disconnected" };

const capabilities = signal<Capability[]>([]);

export function startOffline(): void {
  read<{ capabilities: Capability[] }>("/api/capabilities").then(
    (answer) => (capabilities.value = answer.capabilities),
    () => setTimeout(startOffline, RETRY_MS),
  );
}

/** For staff: what this box can do while head office is away, as its parts declare it. */
export function Offline() {
  return (
    <StaffPage title={t("offline.title")}>
      <main>
        {lane.value !== null && (
          <p class="offline-now" data-state={online.value ? "online" : "away"} role="status">
            <Icon name={online.value ? "check" : "disconnected"} />
            {t(online.value ? "offline.online_now" : "offline.away_now")}
          </p>
        )}
        <ul class="device-list">
          {capabilities.value.map((one) => (
            <li key={one.key} class="capability" data-state={one.offline} data-testid={`can-${one.key}`}>
              <div>
                <h3>{t(`can.${one.key}` as Key)}</h3>
                <p>{t(`can.${one.key}_why` as Key)}</p>
              </div>
              <span class="chip">
                <Icon name={ICONS[one.offline]} />
                {t(`offline.${one.offline}`)}
              </span>
            </li>
          ))}
        </ul>
      </main>
    </StaffPage>
  );
}
