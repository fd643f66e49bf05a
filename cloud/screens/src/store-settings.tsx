import { useEffect, useState } from "preact/hooks";
import { Problem, read, send } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { LANGUAGE_NAMES, LANGUAGES, t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { OfficeView } from "./api-types";
import { BackLink } from "./back-link";
import { CheckField, TextField } from "./fields";
import { decimal, numeric } from "./promotion-values";

/** A store as head office keeps it; what no form changes goes back as it came. */
interface Store {
  id: string;
  code: string;
  name: string;
  address: string[];
  country: string;
  currency: string;
  timezone: string;
  language: string;
  retailer: string;
  day_cutoff: string;
  reprice_open_baskets: boolean;
  operator_discount_max_bp: number;
  operator_discount_max_minor: number | null;
  asks_for_donations: boolean;
  donation_amounts_minor: number[];
  cash_increment_minor: number | null;
  logo: string | null;
  receipt_barcode: boolean;
  tax_rates_bp: Record<string, number>;
}

/** The settings of a store, changed all at once. */
export function StoreSettings({ id, view }: { id: string; view: OfficeView }) {
  const [store, setStore] = useState<Store | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const exponent = view.stores.find((each) => each.id === id)?.exponent ?? 2;

  useEffect(() => {
    read<{ stores: Store[] }>("/api/stores").then(
      ({ stores }) => {
        const found = stores.find((each) => each.id === id);
        if (found === undefined) setProblem(new Problem("not-found", "", "", 404));
        else setStore(found);
      },
      (error: unknown) => {
        if (error instanceof Problem) setProblem(error);
      },
    );
  }, [id]);

  return (
    <>
      <div class="page-head">
        <BackLink to={{ page: "stores" }} word="settings.back" />
        <h1>{t("settings.title", { name: store?.name ?? "…" })}</h1>
      </div>
      {problem !== null && <ProblemAlert problem={problem} />}
      {store !== null && <SettingsForm store={store} exponent={exponent} />}
    </>
  );
}

type Kept = "reprice_open_baskets" | "asks_for_donations" | "logo" | "receipt_barcode"; // as they are, not as text

type Draft = Omit<Record<keyof Store, string>, Kept | "tax_rates_bp"> & Pick<Store, Kept> & {
  tax_rates_bp: Record<string, string>;
};

function draftOf(store: Store, exponent: number): Draft {
  return {
    ...store,
    address: store.address.join("\n"),
    day_cutoff: store.day_cutoff.slice(0, 5),
    operator_discount_max_bp: decimal(store.operator_discount_max_bp, 2),
    operator_discount_max_minor: decimal(store.operator_discount_max_minor, exponent),
    donation_amounts_minor: store.donation_amounts_minor.map((minor) => decimal(minor, exponent)).join("; "),
    cash_increment_minor: decimal(store.cash_increment_minor, exponent),
    tax_rates_bp: Object.fromEntries(Object.entries(store.tax_rates_bp).map(([name, rate]) => [name, decimal(rate, 2)])),
  };
}

function settingsOf(draft: Draft, exponent: number): object {
  const amounts = draft.donation_amounts_minor.split(";").flatMap((text) => (text.trim() ? [numeric(text, exponent)] : []));
  return {
    name: draft.name.trim(),
    address: draft.address.split("\n").map((line) => line.trim()).filter((line) => line !== ""),
    timezone: draft.timezone.trim(),
    language: draft.language,
    retailer: draft.retailer,
    day_cutoff: draft.day_cutoff,
    reprice_open_baskets: draft.reprice_open_baskets,
    operator_discount_max_bp: numeric(draft.operator_discount_max_bp, 2) ?? 0,
    operator_discount_max_minor: numeric(draft.operator_discount_max_minor, exponent) ?? null,
    asks_for_donations: draft.asks_for_donations,
    donation_amounts_minor: amounts,
    cash_increment_minor: numeric(draft.cash_increment_minor, exponent) ?? null,
    logo: draft.logo,
    receipt_barcode: draft.receipt_barcode,
    tax_rates_bp: Object.fromEntries(Object.entries(draft.tax_rates_bp).map(([name, rate]) => [name, numeric(rate, 2) ?? ""])),
  };
}

function SettingsForm({ store, exponent }: { store: Store; exponent: number }) {
  const [draft, setDraft] = useState<Draft>(() => draftOf(store, exponent));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isSaved, setSaved] = useState(false);
  const [isBusy, setBusy] = useState(false);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const kept = await send<Store>("PUT", `/api/stores/${store.id}/settings`, settingsOf(draft, exponent));
      setDraft(draftOf(kept, exponent));
      setSaved(true);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  const put = (change: Partial<Draft>) => {
    setSaved(false);
    setDraft({ ...draft, ...change });
  };
  return (
    <form class="settings" data-testid="settings-form" onSubmit={(event) => void save(event)}>
      <section class="editor-section">
        <h2>{t("settings.store")}</h2>
        <p class="quiet">{t("settings.fixed", { code: store.code, country: store.country, currency: store.currency })}</p>
        <div class="form-grid">
          <TextField word="settings.name" path="name" value={draft.name} onType={(name) => put({ name })} />
          <TextField word="settings.timezone" path="timezone" value={draft.timezone} onType={(timezone) => put({ timezone })} />
          <label class="form-field">
            <span>{t("settings.language")}</span>
            <select class="field" value={draft.language} onChange={(event) => put({ language: event.currentTarget.value })}>
              {LANGUAGES.map((each) => (
                <option key={each} value={each}>
                  {LANGUAGE_NAMES[each]}
                </option>
              ))}
            </select>
          </label>
          <TextField word="settings.day_cutoff" path="day_cutoff" type="time" value={draft.day_cutoff}
            onType={(day_cutoff) => put({ day_cutoff })} />
          <TextField word="settings.retailer" path="retailer" value={draft.retailer} onType={(retailer) => put({ retailer })} />
        </div>
        <label class="form-field">
          <span>{t("settings.address")}</span>
          <textarea class="field" dir="auto" rows={4} data-testid="form-address" value={draft.address}
            onInput={(event) => put({ address: event.currentTarget.value })} />
        </label>
      </section>
      <section class="editor-section">
        <h2>{t("settings.selling")}</h2>
        <CheckField word="settings.reprice_open_baskets" path="reprice_open_baskets" hint="settings.reprice_hint"
          isOn={draft.reprice_open_baskets} onChange={(reprice_open_baskets) => put({ reprice_open_baskets })} />
        <CheckField word="settings.receipt_barcode" path="receipt_barcode" hint="settings.receipt_barcode_hint"
          isOn={draft.receipt_barcode} onChange={(receipt_barcode) => put({ receipt_barcode })} />
        <div class="form-grid">
          <TextField word="settings.cash_increment" path="cash_increment_minor" hint="settings.cash_hint" mode="decimal"
            unit={store.currency} value={draft.cash_increment_minor}
            onType={(cash_increment_minor) => put({ cash_increment_minor })} />
        </div>
      </section>
      <section class="editor-section">
        <h2>{t("settings.operators")}</h2>
        <div class="form-grid">
          <TextField word="settings.most_share" path="operator_discount_max_bp" mode="decimal" unit="%"
            value={draft.operator_discount_max_bp}
            onType={(operator_discount_max_bp) => put({ operator_discount_max_bp })} />
          <TextField word="settings.most_amount" path="operator_discount_max_minor" hint="specials.no_limit" mode="decimal"
            unit={store.currency} value={draft.operator_discount_max_minor}
            onType={(operator_discount_max_minor) => put({ operator_discount_max_minor })} />
        </div>
      </section>
      <section class="editor-section">
        <h2>{t("settings.donations")}</h2>
        <CheckField word="settings.asks" path="asks_for_donations" hint="settings.asks_hint" isOn={draft.asks_for_donations}
          onChange={(asks_for_donations) => put({ asks_for_donations })} />
        <TextField word="settings.amounts" path="donation_amounts_minor" hint="settings.amounts_hint" unit={store.currency}
          value={draft.donation_amounts_minor} onType={(donation_amounts_minor) => put({ donation_amounts_minor })} />
      </section>
      <section class="editor-section">
        <h2>{t("settings.taxes")}</h2>
        <div class="form-grid">
          {Object.entries(draft.tax_rates_bp).map(([name, rate]) => (
            <label key={name} class="form-field">
              <bdi>{name}</bdi>
              <span class="form-input form-input-unit" dir="ltr">
                <input class="field" inputMode="decimal" data-testid={`form-tax-${name}`} value={rate}
                  onInput={(event) => put({ tax_rates_bp: { ...draft.tax_rates_bp, [name]: event.currentTarget.value } })} />
                <span class="form-unit">%</span>
              </span>
            </label>
          ))}
        </div>
      </section>
      <div class="settings-foot">
        {problem !== null && <ProblemAlert problem={problem} testid="settings-problem" />}
        {isSaved && (
          <p class="preview-sound" role="status" data-testid="settings-saved">
            <Icon name="done" />
            {t("settings.saved")}
          </p>
        )}
        <button type="submit" class="button button-primary" data-testid="settings-save" disabled={isBusy}>
          {t("settings.save")}
        </button>
      </div>
    </form>
  );
}
