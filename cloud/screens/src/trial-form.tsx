import { useState } from "preact/hooks";
import { Problem, send } from "../../../shared/screens/src/api";
import { t } from "../../../shared/screens/src/messages";
import { fullMoment } from "../../../shared/screens/src/time";
import { CheckField, TextField } from "./fields";
import type { PackView } from "./promotion-types";
import { numeric } from "./promotion-values";
import type { TrialView } from "./trial-types";

interface Props {
  packs: PackView[];
  onBegun: (trial: TrialView) => void;
  onProblem: (problem: Problem) => void;
}

export function TrialForm({ packs, onBegun, onProblem }: Props) {
  const [what, setWhat] = useState("drafts");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [orders, setOrders] = useState("10000");
  const [dates, setDates] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const versions = new Map(packs.map((pack) => [pack.version, pack]));

  async function begin(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    const which = what === "drafts" || what === "active" ? { drafts: what === "drafts" } : { pack: what };
    const days = { since: since || null, until: until || null };
    try {
      onBegun(await send<TrialView>("POST", "/api/promotions/trials", { ...which, ...days, orders: numeric(orders, 0), dates }));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      onProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="editor-section" data-testid="trial-form" onSubmit={(event) => void begin(event)}>
      <div class="form-grid">
        <label class="form-field">
          <span>{t("trials.what")}</span>
          <select class="field" data-testid="form-what" value={what} onChange={(event) => setWhat(event.currentTarget.value)}>
            <option value="drafts">{t("trials.what.drafts")}</option>
            <option value="active">{t("trials.what.active")}</option>
            {[...versions.values()].map((pack) => (
              <option key={pack.version} value={pack.version}>
                {t("trials.what.pack", { number: pack.number, time: fullMoment(pack.asked_at) })}
              </option>
            ))}
          </select>
        </label>
        <TextField word="trials.since" path="since" type="date" value={since} onType={setSince} />
        <TextField word="trials.until" path="until" type="date" value={until} onType={setUntil} />
        <TextField word="trials.orders" path="orders" mode="numeric" value={orders} onType={setOrders} />
      </div>
      <CheckField word="trials.dates" path="dates" hint="trials.dates_hint" isOn={dates} onChange={setDates} />
      <button type="submit" class="button button-primary form-act" data-testid="trial-begin" disabled={isBusy}>
        {t("trials.begin")}
      </button>
    </form>
  );
}
