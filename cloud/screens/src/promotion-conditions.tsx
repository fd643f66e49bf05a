import { t, whole } from "../../../shared/screens/src/messages";
import { CheckField, ChoiceField, Fold, ManyField, TextField } from "./fields";
import type { StoreView } from "./api-types";
import { LIMITS, USES, type Draft, type Gate } from "./promotion-draft";
import type { Around } from "./promotion-parts";
import { weekday } from "./promotion-sentence";

const DAYS = [1, 2, 3, 4, 5, 6, 7];

interface Props {
  draft: Draft;
  around: Around;
  stores: StoreView[];
  put: (change: Partial<Draft>) => void;
}

/** When, where, for whom, how often, beside what: folded away while nothing of it is set. */
export function Conditions({ draft, around, stores, put }: Props) {
  const { gate } = draft;
  const gateField = (name: Exclude<keyof Gate, "days" | "stores">, type: "text" | "date" | "time" = "text") => (
    <TextField
      key={name}
      word={`promotions.form.${name}`}
      path={`gate.${name}`}
      type={type}
      {...(USES.some((each) => each === name) ? { mode: "numeric" } : {})}
      isWrong={around.wrong.has(`gate.${name}`)}
      value={gate[name]}
      onType={(text) => put({ gate: { ...gate, [name]: text } })}
    />
  );
  const when = [gate.from, gate.to, gate.hours_from, gate.hours_to, gate.channels].filter((text) => text !== "").length;
  const who = [gate.coupon, gate.member_tag, gate.max_uses_per_customer, gate.max_uses_total].filter((text) => text !== "");
  const limited = LIMITS.filter((name) => draft.limits[name] !== "");
  const isTimed = when + gate.days.length + gate.stores.length > 0;
  return (
    <>
      <Fold word="promotions.form.section.when" told={isTimed ? "" : t("promotions.always")} isOpen={isTimed} testid="fold-when">
        <div class="form-grid">
          {gateField("from", "date")}
          {gateField("from_time", "time")}
          {gateField("to", "date")}
          {gateField("to_time", "time")}
        </div>
        <ManyField
          word="promotions.form.days"
          path="gate.days"
          options={DAYS.map((day) => ({ value: String(day), label: weekday(day, "short"), title: weekday(day, "long") }))}
          chosen={gate.days.map(String)}
          onChange={(days) => put({ gate: { ...gate, days: days.map(Number) } })}
        />
        <div class="form-grid">
          {gateField("hours_from", "time")}
          {gateField("hours_to", "time")}
        </div>
        <ManyField
          word="promotions.form.stores"
          path="gate.stores"
          options={stores.map((store) => ({ value: store.code, label: store.name, title: store.code }))}
          chosen={gate.stores}
          onChange={(chosen) => put({ gate: { ...gate, stores: chosen } })}
        />
        {gateField("channels")}
      </Fold>
      <Fold
        word="promotions.form.section.who"
        told={who.length > 0 ? who.join(", ") : t("promotions.everybody")}
        isOpen={who.length > 0 || draft.family === "special"}
        testid="fold-who"
      >
        <div class="form-grid">{(["coupon", "member_tag", ...USES] as const).map((name) => gateField(name))}</div>
        <p class="form-hint">{t("promotions.form.no_limit")}</p>
      </Fold>
      <Fold word="promotions.form.section.limits" told={limited.length > 0 ? whole(limited.length) : t("promotions.unlimited")}
        isOpen={limited.length > 0} testid="fold-limits">
        <div class="form-grid">
          {LIMITS.map((name) => (
            <TextField
              key={name}
              word={`promotions.form.${name}`}
              path={`limits.${name}`}
              mode={name === "max_discount" ? "decimal" : "numeric"}
              {...(name === "max_discount" ? { unit: around.unit.currency } : {})}
              isWrong={around.wrong.has(`limits.${name}`)}
              value={draft.limits[name]}
              onType={(text) => put({ limits: { ...draft.limits, [name]: text } })}
            />
          ))}
        </div>
        <p class="form-hint">{t("promotions.form.no_limit")}</p>
      </Fold>
      <Beside draft={draft} around={around} put={put} />
    </>
  );
}

function Beside({ draft, around, put }: Omit<Props, "stores">) {
  return (
    <Fold word="promotions.form.section.beside" told={t("promotions.in_layer", { layer: draft.layer })}
      isOpen={draft.exclusive !== "no"} testid="fold-beside">
      <div class="form-grid">
        <TextField word="promotions.layer" path="layer" mode="numeric" hint="promotions.form.layer_hint"
          isWrong={around.wrong.has("layer")} value={draft.layer} onType={(layer) => put({ layer })} />
        <TextField word="promotions.form.priority" path="priority" isWrong={around.wrong.has("priority")}
          value={draft.priority} onType={(priority) => put({ priority })} />
        <ChoiceField word="promotions.form.exclusive" path="exclusive" value={draft.exclusive}
          options={["no", "unit", "basket"]} say={(each) => t(`promotions.exclusive.${each}`)} onChoose={(exclusive) => put({ exclusive })} />
        <ChoiceField word="promotions.form.allocate" path="allocate" value={draft.allocate}
          options={["rewarded", "all"]} say={(each) => t(`promotions.allocate.${each}`)} onChoose={(allocate) => put({ allocate })} />
        <TextField word="promotions.form.external_id" path="external_id" isWrong={around.wrong.has("external_id")}
          value={draft.external_id} onType={(external_id) => put({ external_id })} />
      </div>
      <CheckField word="promotions.form.set_scope" path="set_scope" isOn={draft.set_scope}
        onChange={(set_scope) => put({ set_scope })} />
    </Fold>
  );
}
