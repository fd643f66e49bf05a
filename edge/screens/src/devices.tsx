import { signal } from "@preact/signals";
import { Problem, send } from "../../../shared/screens/src/api";
import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { follow, type Live } from "../../../shared/screens/src/live";
import { known, t, type Key } from "../../../shared/screens/src/messages";
import { wording } from "../../../shared/screens/src/problem";
import { StaffPage } from "./staff-page";
import { lane } from "./lane";
import { PricesAsOf } from "./prices";
import type { BoundDevice, DevicesView, HeadOffice, Tried, UnboundDevice } from "./api-types";

const ICONS: Record<string, IconName> = {
  scanner: "scan", printer: "printer", drawer: "cash", scale: "scale", display: "display", card_reader: "card",
  card_terminal: "card", rfid: "antenna",
};

const view = signal<DevicesView | null>(null);
const key = signal("");
/** How the last test of each device went; `null` while it runs. */
const trials = signal<Record<string, Tried | Problem | null>>({});

let live: Live | null = null;

export function startDevices(): void {
  live = follow<DevicesView>("/api/devices", (state) => (view.value = state));
}

/** For the installer on site: what is bound, how it is doing, what is plugged in besides. */
export function Devices() {
  const now = view.value;
  return (
    <StaffPage title={t("devices.title")}>
      {live !== null && !live.connected.value && now !== null && (
        <p class="alert" role="status">
          {t("devices.connection_lost")}
        </p>
      )}
      {lane.value !== null && <Prices office={lane.value.head_office} />}
      <main>
        {now === null ? <p role="status">{t("devices.loading")}</p> : <Both now={now} />}
      </main>
    </StaffPage>
  );
}

function Prices({ office }: { office: HeadOffice }) {
  return (
    <div class="devices-prices">
      {office.prices_as_of === null ? <p class="quiet">{t("prices.never")}</p> : <PricesAsOf office={office} />}
    </div>
  );
}

function Both({ now }: { now: DevicesView }) {
  return (
    <>
      <label class="devices-key">
        {t("devices.key")}
        <input
          class="field"
          type="password"
          autocomplete="off"
          value={key.value}
          onInput={(event) => (key.value = event.currentTarget.value.trim())}
        />
      </label>
      {now.bound.length === 0 && <p class="devices-none">{t("devices.none")}</p>}
      <ul class="device-list">
        {now.bound.map((device) => (
          <Bound key={device.name} device={device} />
        ))}
      </ul>
      {now.unbound.length > 0 && (
        <section>
          <h2>{t("devices.unbound")}</h2>
          <p>{t("devices.unbound_hint")}</p>
          <ul class="device-list">
            {now.unbound.map((device) => (
              <Unbound key={device.path} device={device} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

function Bound({ device }: { device: BoundDevice }) {
  const trouble = device.code === null ? null : wording({ code: device.code, title: device.title ?? "", hint: device.hint ?? "" });
  return (
    <li class="device" data-state={device.state} data-testid={`device-${device.name}`}>
      <Icon name={ICONS[device.kind] ?? "alert"} />
      <div class="device-what">
        <h3>
          <bdi>{device.name}</bdi>
        </h3>
        <p class="device-where">
          {known(`device.${device.kind}`) ?? device.kind} · <bdi>{device.make}</bdi> · <bdi>{device.address}</bdi>
        </p>
        {trouble && (
          <p class="device-trouble">
            <strong>{trouble.title}</strong> {trouble.hint}
          </p>
        )}
        <Trial device={device} />
      </div>
      <span class="chip device-state">{t(`devices.${device.state}` as Key)}</span>
      {device.can_be_tried && (
        <button
          type="button"
          class="button"
          data-testid={`test-${device.name}`}
          disabled={key.value === "" || trials.value[device.name] === null}
          onClick={() => void tryOut(device.name)}
        >
          {t("devices.test")}
        </button>
      )}
    </li>
  );
}

function Trial({ device }: { device: BoundDevice }) {
  const trial = trials.value[device.name];
  if (trial === undefined) return null;
  if (trial === null) return <p role="status">{known(`devices.asks_${device.kind}`) ?? t("devices.trying")}</p>;
  if (trial instanceof Problem) {
    const { title, hint } = wording(trial);
    return (
      <p class="device-trouble" role="status">
        <strong>{title}</strong> {hint}
      </p>
    );
  }
  return (
    <p class="device-works" role="status">
      <Icon name="check" /> {t("devices.works")} <bdi>{trial.read}</bdi>
    </p>
  );
}

function Unbound({ device }: { device: UnboundDevice }) {
  return (
    <li class="device device-free">
      <Icon name="plus" />
      <div class="device-what">
        <h3>
          <bdi>{device.title}</bdi>
        </h3>
        <p class="device-where">
          {known(`devices.sort_${device.sort.replace(" ", "_")}`) ?? device.sort} · <bdi>{device.path}</bdi>
        </p>
        {device.offers.map((offer) => (
          <pre key={offer} dir="ltr">
            {offer}
          </pre>
        ))}
      </div>
    </li>
  );
}

async function tryOut(name: string): Promise<void> {
  trials.value = { ...trials.value, [name]: null };
  let outcome: Tried | Problem;
  try {
    outcome = await send<Tried>("POST", `/api/devices/${encodeURIComponent(name)}/test`, {}, { key: key.value });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    outcome = error;
  }
  trials.value = { ...trials.value, [name]: outcome };
}
