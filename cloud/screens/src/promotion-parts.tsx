import { Icon } from "../../../shared/screens/src/icons";
import { t, whole, type Key } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import { CheckField, ChoiceField, Fold, TextField } from "./fields";
import { emptySlot, emptyTier, KINDS, kindOf, LISTS, NOT_LISTS, PRICES } from "./promotion-draft";
import type { Draft, Reward, Selector, Slot, Tier } from "./promotion-draft";
import type { Family } from "./promotion-types";

/** What parts of the editor share: the currency, and which fields the service found wrong. */
export interface Around {
  unit: Unit;
  wrong: ReadonlySet<string>;
}

interface Part<Value> {
  value: Value;
  path: string;
  around: Around;
  onChange: (value: Value) => void;
}

/** Which products are meant. What most promotions need stands first; what narrows it further is folded away. */
export function SelectorPart({ value, path, around, onChange }: Part<Selector>) {
  const narrow = [...NOT_LISTS, ...PRICES].filter((name) => value[name] !== "").length + Number(value.not_discounted);
  const list = (name: (typeof LISTS)[number] | (typeof NOT_LISTS)[number]) => (
    <TextField
      key={name}
      word={`promotions.form.${name}`}
      path={`${path}.${name}`}
      isWrong={around.wrong.has(`${path}.${name}`)}
      value={value[name]}
      onType={(text) => onChange({ ...value, [name]: text })}
    />
  );
  return (
    <div class="part">
      <div class="form-grid">{LISTS.map(list)}</div>
      <p class="form-hint">{t("promotions.form.list_hint")}</p>
      <Fold word="promotions.form.narrow" told={narrow > 0 ? whole(narrow) : ""} isOpen={narrow > 0} testid={`narrow-${path}`}>
        <div class="form-grid">
          {NOT_LISTS.map(list)}
          {PRICES.map((name) => (
            <TextField
              key={name}
              word={`promotions.form.${name}`}
              path={`${path}.${name}`}
              mode="decimal"
              unit={around.unit.currency}
              isWrong={around.wrong.has(`${path}.${name}`)}
              value={value[name]}
              onType={(text) => onChange({ ...value, [name]: text })}
            />
          ))}
        </div>
        <CheckField
          word="promotions.form.not_discounted"
          path={`${path}.not_discounted`}
          isOn={value.not_discounted}
          onChange={(isOn) => onChange({ ...value, not_discounted: isOn })}
        />
      </Fold>
    </div>
  );
}

export function RewardPart({ value, path, around, family, onChange }: Part<Reward> & { family: Family }) {
  const kind = kindOf(value, family);
  return (
    <div class="form-grid">
      <ChoiceField
        word="promotions.form.kind"
        path={`${path}.kind`}
        value={kind}
        options={KINDS[family]}
        say={(each) => t(`promotions.reward.${each}`)}
        onChoose={(chosen) => onChange({ ...value, kind: chosen })}
      />
      <TextField
        word="promotions.form.value"
        path={`${path}.value`}
        mode="decimal"
        unit={kind === "percent" ? "%" : around.unit.currency}
        isWrong={around.wrong.has(`${path}.value`)}
        value={value.value}
        onType={(text) => onChange({ ...value, value: text })}
      />
    </div>
  );
}

interface SlotsProps extends Part<Slot[]> {
  word: Key;
  add: Key;
  hasAmount: boolean;
}

/** Places of a set, or what must be bought, each with its products and how many of them. */
export function SlotsPart({ value, path, around, word, add, hasAmount, onChange }: SlotsProps) {
  const put = (index: number, slot: Slot) => onChange(value.map((each, at) => (at === index ? slot : each)));
  return (
    <>
      {value.map((slot, index) => {
        const own = `${path}[${index + 1}]`;
        return (
          <fieldset class="member" key={index}>
            <legend>{t(word as "promotions.form.slot", { number: whole(index + 1) })}</legend>
            {value.length > 1 && <Remove onClick={() => onChange(value.filter((_, at) => at !== index))} />}
            <SelectorPart value={slot.select} path={own} around={around} onChange={(select) => put(index, { ...slot, select })} />
            <div class="form-grid">
              <TextField
                word="promotions.form.qty"
                path={`${own}.qty`}
                mode="numeric"
                isWrong={around.wrong.has(`${own}.qty`)}
                value={slot.qty}
                onType={(qty) => put(index, { ...slot, qty, ...(hasAmount ? { min_amount: "" } : {}) })}
              />
              {hasAmount && (
                <TextField
                  word="promotions.form.min_amount"
                  path={`${own}.min_amount`}
                  mode="decimal"
                  unit={around.unit.currency}
                  isWrong={around.wrong.has(`${own}.min_amount`)}
                  value={slot.min_amount}
                  onType={(min_amount) => put(index, { ...slot, min_amount, qty: "" })}
                />
              )}
            </div>
          </fieldset>
        );
      })}
      <Add word={add} testid={`add-${path}`} onClick={() => onChange([...value, emptySlot()])} />
    </>
  );
}

/** Steps, each with what must be reached and what shoppers then get. */
export function TiersPart({ value, path, around, family, onChange }: Part<Tier[]> & { family: Family }) {
  const put = (index: number, change: Partial<Tier>) =>
    onChange(value.map((each, at) => (at === index ? { ...each, ...change } : each)));
  const thresholds: (keyof Omit<Tier, "reward">)[] = ["min_qty", "min_amount"];
  if (family === "basket_threshold") thresholds.push("over_amount");
  return (
    <>
      {value.map((tier, index) => {
        const own = `${path}[${index + 1}]`;
        return (
          <fieldset class="member" key={index}>
            <legend>{t("promotions.form.tier", { number: whole(index + 1) })}</legend>
            {value.length > 1 && <Remove onClick={() => onChange(value.filter((_, at) => at !== index))} />}
            <div class="form-grid">
              {thresholds.map((name) => (
                <TextField
                  key={name}
                  word={`promotions.form.${name}`}
                  path={`${own}.${name}`}
                  mode={name === "min_qty" ? "numeric" : "decimal"}
                  {...(name === "min_qty" ? {} : { unit: around.unit.currency })}
                  isWrong={around.wrong.has(`${own}.${name}`)}
                  value={tier[name]}
                  onType={(text) => put(index, { [name]: text })}
                />
              ))}
            </div>
            <RewardPart
              value={tier.reward}
              path={`${own}.reward`}
              around={around}
              family={family}
              onChange={(reward) => put(index, { reward })}
            />
          </fieldset>
        );
      })}
      <Add word="promotions.form.add_tier" testid={`add-${path}`} onClick={() => onChange([...value, emptyTier()])} />
    </>
  );
}

function Remove({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" class="button button-quiet member-remove" aria-label={t("promotions.form.remove")} onClick={onClick}>
      <Icon name="remove" />
    </button>
  );
}

function Add({ word, testid, onClick }: { word: Key; testid: string; onClick: () => void }) {
  return (
    <button type="button" class="button member-add" data-testid={testid} onClick={onClick}>
      <Icon name="plus" />
      {t(word)}
    </button>
  );
}

interface FamilyProps {
  draft: Draft;
  around: Around;
  put: (change: Partial<Draft>) => void;
}

/** The fields that only promotions of one kind have. */
export function FamilyPart({ draft, around, put }: FamilyProps) {
  const { family } = draft;
  const count = (name: "n" | "m") => (
    <TextField
      word={`promotions.form.${name}`}
      path={name}
      mode="numeric"
      isWrong={around.wrong.has(name)}
      value={draft[name]}
      onType={(text) => put({ [name]: text })}
    />
  );
  if (family === "combo") {
    return (
      <SlotsPart value={draft.slots} path="slots" around={around} word="promotions.form.slot" add="promotions.form.add_slot"
        hasAmount={false} onChange={(slots) => put({ slots })} />
    );
  }
  if (family === "requisite_target") {
    return (
      <>
        <SlotsPart value={draft.requisites} path="requisites" around={around} word="promotions.form.requisite"
          add="promotions.form.add_requisite" hasAmount onChange={(requisites) => put({ requisites })} />
        <SlotsPart value={draft.targets} path="targets" around={around} word="promotions.form.goal"
          add="promotions.form.add_goal" hasAmount={false} onChange={(targets) => put({ targets })} />
        <CheckField word="promotions.form.lesser_value" path="lesser_value" isOn={draft.lesser_value}
          onChange={(lesser_value) => put({ lesser_value })} />
      </>
    );
  }
  if (family === "basket_threshold") {
    return (
      <>
        <h3>{t("promotions.form.qualify")}</h3>
        <SelectorPart value={draft.qualify} path="qualify" around={around} onChange={(qualify) => put({ qualify })} />
        <h3>{t("promotions.form.target")}</h3>
        <SelectorPart value={draft.target} path="target" around={around} onChange={(target) => put({ target })} />
        <div class="form-grid">
          <ChoiceField word="promotions.form.basis" path="basis" value={draft.basis} options={["net", "gross"]}
            say={(each) => t(`promotions.basis.${each}`)} onChoose={(basis) => put({ basis })} />
        </div>
        <CheckField word="promotions.form.repeat" path="repeat" isOn={draft.repeat} onChange={(repeat) => put({ repeat })} />
      </>
    );
  }
  return (
    <>
      <SelectorPart value={draft.target} path="target" around={around} onChange={(target) => put({ target })} />
      {(family === "line_special" || family === "group") && (
        <div class="form-grid">
          {count("n")}
          {family === "line_special" && count("m")}
        </div>
      )}
      {family === "line_special" && (
        <CheckField word="promotions.form.same_sku" path="same_sku" isOn={draft.same_sku}
          onChange={(same_sku) => put({ same_sku })} />
      )}
    </>
  );
}
