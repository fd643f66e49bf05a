import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { t, type Key } from "../../../shared/screens/src/messages";

/** What every field of a form has in common. `path` is what the service calls it. */
interface Field {
  word: Key;
  path: string;
  hint?: Key;
  isWrong?: boolean;
}

interface TextField extends Field {
  value: string;
  onType: (text: string) => void;
  mode?: "numeric" | "decimal";
  type?: "text" | "date" | "time" | "datetime-local";
  isFixed?: boolean;
  isNeeded?: boolean;
  /** A currency or a percent sign beside what is typed. */
  unit?: string;
}

export function TextField({ word, path, hint, isWrong, value, onType, mode, type = "text", isFixed, isNeeded, unit }: TextField) {
  const hintId = useId();
  return (
    <label class="form-field">
      <span>{t(word)}</span>
      <span class={unit === undefined ? "form-input" : "form-input form-input-unit"} dir={unit === undefined ? undefined : "ltr"}>
        <input
          class="field"
          type={type as "text"} // the types of inputs know no union
          dir={unit !== undefined ? "ltr" : type === "text" ? "auto" : undefined}
          inputMode={mode}
          readOnly={isFixed}
          required={isNeeded}
          aria-invalid={isWrong}
          aria-describedby={hint === undefined ? undefined : hintId}
          data-testid={`form-${path}`}
          value={value}
          onInput={(event) => onType(event.currentTarget.value)}
        />
        {unit !== undefined && <span class="form-unit">{unit}</span>}
      </span>
      {hint !== undefined && (
        <span id={hintId} class="form-hint">
          {t(hint)}
        </span>
      )}
    </label>
  );
}

interface ChoiceField<Value extends string> extends Field {
  value: Value;
  options: readonly Value[];
  say: (value: Value) => string;
  onChoose: (value: Value) => void;
}

export function ChoiceField<Value extends string>({ word, path, value, options, say, onChoose }: ChoiceField<Value>) {
  return (
    <label class="form-field">
      <span>{t(word)}</span>
      <select
        class="field"
        data-testid={`form-${path}`}
        value={value}
        onChange={(event) => onChoose(event.currentTarget.value as Value)}
      >
        {options.map((each) => (
          <option key={each} value={each}>
            {say(each)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface CheckField extends Field {
  isOn: boolean;
  onChange: (isOn: boolean) => void;
}

export function CheckField({ word, path, hint, isOn, onChange }: CheckField) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={isOn}
        data-testid={`form-${path}`}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>
        {t(word)}
        {hint !== undefined && <span class="form-hint">{t(hint)}</span>}
      </span>
    </label>
  );
}

interface FoldProps {
  word: Key;
  /** What is set inside, in few words, so that nobody has to open it to see. */
  told: string;
  isOpen: boolean;
  testid: string;
  children: ComponentChildren;
}

/** A part of a form that most people never need. */
export function Fold({ word, told, isOpen, testid, children }: FoldProps) {
  return (
    <details class="fold" open={isOpen} data-testid={testid}>
      <summary>
        <span class="fold-word">{t(word)}</span>
        <span class="quiet">{told}</span>
      </summary>
      <div class="fold-body">{children}</div>
    </details>
  );
}

export interface Option {
  value: string;
  label: string;
  /** Said instead of the label where that is short for something. */
  title?: string;
}

interface ManyField extends Field {
  options: Option[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** Any number of some few options, as buttons that stay pressed. */
export function ManyField({ word, path, options, chosen, onChange }: ManyField) {
  const legend = useId();
  return (
    <div class="form-field form-many" role="group" aria-labelledby={legend} data-testid={`form-${path}`}>
      <span id={legend}>{t(word)}</span>
      <div class="form-options">
        {options.map(({ value, label, title }) => {
          const isOn = chosen.includes(value);
          const next = isOn ? chosen.filter((each) => each !== value) : [...chosen, value];
          return (
            <button key={value} type="button" class="button" title={title} aria-pressed={isOn} onClick={() => onChange(next)}>
              <bdi>{label}</bdi>
            </button>
          );
        })}
      </div>
    </div>
  );
}
