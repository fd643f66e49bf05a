import { Icon } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { wording } from "../../../shared/screens/src/problem";
import type { Device } from "./api-types";
import { lane, paid } from "./lane";

/** A device that does not work: what is, whether the money is safe, what to do. */
export function DeviceTrouble() {
  const failed = lane.value?.devices.filter((device) => device.state === "failed") ?? [];
  return (
    <div class="troubles" role="status">
      {failed.map((device) => (
        <Trouble key={device.name} device={device} />
      ))}
    </div>
  );
}

function Trouble({ device }: { device: Device }) {
  const { title, hint } = wording({ code: device.code ?? "device-silent", title: device.title, hint: device.hint });
  const named = device.code?.startsWith("printer-") ? title : `${t(`device.${device.kind}` as Key)}: ${title}`;
  return (
    <div class="alert trouble" data-testid="device-trouble">
      <Icon name={device.kind === "printer" ? "printer" : "alert"} />
      <p>
        <strong>{named}</strong> <span class="trouble-money">{meanwhile(device)}</span> {hint}
      </p>
    </div>
  );
}

function meanwhile(device: Device): string {
  if (paid.value !== null) return device.kind === "scanner" ? "" : t("kiosk.paid_and_kept");
  return t(device.kind === "scanner" ? "kiosk.type_meanwhile" : "kiosk.go_on_meanwhile");
}
