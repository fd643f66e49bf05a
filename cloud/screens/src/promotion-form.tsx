import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem, read, send } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t, type Key } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { draftOf, EMPTY, isWritable, SHAPES, writtenOf, type Draft, type Field, type Written } from "./promotion-draft";
import type { Family, PromotionDetail, State } from "./promotion-types";

const TEXTS: { field: Field; word: Key; mode?: "numeric" | "decimal" }[] = [
  { field: "skus", word: "promotions.form.skus" },
  { field: "tags", word: "promotions.form.tags" },
  { field: "n", word: "promotions.form.n", mode: "numeric" },
  { field: "m", word: "promotions.form.m", mode: "numeric" },
  { field: "minQuantity", word: "promotions.form.min_quantity", mode: "numeric" },
  { field: "minAmount", word: "promotions.form.min_amount", mode: "decimal" },
];
const FAMILIES = (Object.keys(SHAPES) as Family[]).filter((family) => SHAPES[family].kinds.length > 0);
const STATES: readonly State[] = ["active", "draft", "ended"];

interface Props {
  /** The promotion to change, null for a new one. */
  id: string | null;
  exponent: number;
  onClose: (isSaved: boolean) => void;
}

export function PromotionForm({ id, exponent, onClose }: Props) {
  const [before, setBefore] = useState<Written | null>(id === null ? {} : null);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [warnings, setWarnings] = useState<string[]>([]);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    if (id === null) return;
    read<PromotionDetail>(`/api/promotions/${encodeURIComponent(id)}`).then(
      (found) => {
        setBefore(found.promotion);
        setDraft(draftOf(found.promotion, found.row.state, exponent));
        setWarnings(found.findings.map((finding) => finding.message));
      },
      (error: unknown) => {
        if (error instanceof Problem) setProblem(error);
      },
    );
  }, [id, exponent]);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (before === null) return;
    setBusy(true);
    try {
      const promotion = writtenOf(draft, before, exponent);
      await send("PUT", `/api/promotions/${encodeURIComponent(draft.id.trim())}`, { promotion, state: draft.state });
      onClose(true);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      setBusy(false);
    }
  }

  const isWhole = before !== null && (id === null || isWritable(before));
  const shape = SHAPES[draft.family];
  const put = (change: Partial<Draft>) => setDraft({ ...draft, ...change });
  return (
    <Dialog title={id === null ? t("promotions.new") : draft.name || id} onClose={() => onClose(false)} class="dialog-wide">
      <form class="import form" onSubmit={(event) => void save(event)} data-testid="promotion-form">
        {problem !== null && <ProblemAlert problem={problem} testid="form-problem" />}
        {warnings.map((warning) => (
          <p key={warning} class="form-warning">
            <bdi>{warning}</bdi>
          </p>
        ))}
        <div class="form-grid">
          <Text word="promotions.form.id" field="id" draft={draft} put={put} isFixed={id !== null} isNeeded />
          <Text word="promotions.form.name" field="name" draft={draft} put={put} isNeeded />
          <Choice word="promotions.family" field="family" draft={draft} put={put} isFixed={id !== null}>
            {(id === null ? FAMILIES : [draft.family]).map((each) => (
              <option key={each} value={each}>
                {t(`promotions.family.${each}`)}
              </option>
            ))}
          </Choice>
          <Choice word="promotions.state" field="state" draft={draft} put={put}>
            {STATES.map((each) => (
              <option key={each} value={each}>
                {t(`promotions.state.${each}`)}
              </option>
            ))}
          </Choice>
          <Day word="promotions.form.from" field="from" draft={draft} put={put} />
          <Day word="promotions.form.to" field="to" draft={draft} put={put} />
          {isWhole &&
            TEXTS.filter(({ field }) => shape.fields.includes(field)).map(({ field, word, mode }) => (
              <Text key={field} word={word} field={field} draft={draft} put={put} mode={mode} />
            ))}
          {isWhole && (
            <>
              <Choice word="promotions.form.kind" field="kind" draft={draft} put={put}>
                {shape.kinds.map((each) => (
                  <option key={each} value={each}>
                    {t(`promotions.reward.${each}`)}
                  </option>
                ))}
              </Choice>
              <Text word="promotions.form.value" field="value" draft={draft} put={put} mode="decimal" isNeeded />
            </>
          )}
          <Text word="promotions.form.coupon" field="coupon" draft={draft} put={put} />
          <Text word="promotions.form.member_tag" field="memberTag" draft={draft} put={put} />
          <Text word="promotions.layer" field="layer" draft={draft} put={put} mode="numeric" isNeeded />
        </div>
        {before !== null && !isWhole && <p class="quiet">{t("promotions.form.kept")}</p>}
        <div class="import-acts">
          <button type="button" class="button" onClick={() => onClose(false)}>
            {t("screen.close")}
          </button>
          <button type="submit" class="button button-primary" data-testid="form-save" disabled={before === null || isBusy}>
            {t("promotions.form.save")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface Input {
  word: Key;
  field: Field;
  draft: Draft;
  put: (change: Partial<Draft>) => void;
  isFixed?: boolean;
  isNeeded?: boolean;
}

function Text({ word, field, draft, put, isFixed, isNeeded, mode }: Input & { mode?: "numeric" | "decimal" | undefined }) {
  return (
    <label>
      <span>{t(word)}</span>
      <input
        class="field"
        type="text"
        dir="auto"
        inputMode={mode}
        required={isNeeded}
        readOnly={isFixed}
        data-testid={`form-${field}`}
        value={draft[field]}
        onInput={(event) => put({ [field]: event.currentTarget.value })}
      />
    </label>
  );
}

function Day({ word, field, draft, put }: Input) {
  return (
    <label>
      <span>{t(word)}</span>
      <input
        class="field"
        type="date"
        data-testid={`form-${field}`}
        value={draft[field]}
        onInput={(event) => put({ [field]: event.currentTarget.value })}
      />
    </label>
  );
}

function Choice({ word, field, draft, put, isFixed, children }: Input & { children: ComponentChildren }) {
  return (
    <label>
      <span>{t(word)}</span>
      <select
        class="field"
        disabled={isFixed}
        data-testid={`form-${field}`}
        value={draft[field]}
        onChange={(event) => put({ [field]: event.currentTarget.value })}
      >
        {children}
      </select>
    </label>
  );
}
