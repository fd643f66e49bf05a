import { useEffect, useRef, useState } from "preact/hooks";
import { Problem, read, send } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { OfficeView } from "./api-types";
import { BackLink } from "./back-link";
import { ChoiceField, TextField } from "./fields";
import { Conditions } from "./promotion-conditions";
import { draftOf, writtenOf, type Draft } from "./promotion-draft";
import { KindChoice } from "./promotion-kinds";
import { FamilyPart, RewardPart, TiersPart } from "./promotion-parts";
import { PromotionPreview } from "./promotion-preview";
import type { DraftCheck, PromotionDetail, State } from "./promotion-types";
import type { Written } from "./promotion-values";
import { go } from "./router";

const SETTLE_MS = 300;
const STATES: readonly State[] = ["active", "draft", "ended"];
const TIERED = ["easy_plus", "basket_threshold"];

/** One promotion as a page: what it is on the one side, what it does and what is wrong with it on the other. */
export function PromotionEditor({ id, view }: { id: string | null; view: OfficeView }) {
  const unit = { currency: view.stores[0]?.currency ?? "EUR", exponent: view.stores[0]?.exponent ?? 2 };
  const [before, setBefore] = useState<Written | null>(id === null ? {} : null);
  const [draft, setDraft] = useState<Draft>(() => draftOf({}, "active", unit.exponent));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const check = useCheck(before === null ? null : writtenOf(draft, before, unit.exponent));

  useEffect(() => {
    if (id === null) return;
    read<PromotionDetail>(`/api/promotions/${encodeURIComponent(id)}`).then(
      (found) => {
        setBefore(found.promotion);
        setDraft(draftOf(found.promotion, found.row.state, unit.exponent));
      },
      (error: unknown) => {
        if (error instanceof Problem) setProblem(error);
      },
    );
  }, [id]);

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (before === null) return;
    setBusy(true);
    try {
      const promotion = writtenOf(draft, before, unit.exponent);
      await send("PUT", `/api/promotions/${encodeURIComponent(draft.id.trim())}`, { promotion, state: draft.state });
      go({ page: "promotions" });
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
      setBusy(false);
    }
  }

  const put = (change: Partial<Draft>) => setDraft((present) => ({ ...present, ...change }));
  const mistakes = errorsOf(check).filter((finding) => finding.code !== "missing");
  const wrong = new Set(mistakes.map((finding) => finding.field.replace(".select", "")));
  const around = { unit, wrong };
  return (
    <>
      <div class="page-head">
        <BackLink to={{ page: "promotions" }} word="promotions.form.back" />
        <h1>
          <bdi>{id === null ? t("promotions.new") : draft.name || id}</bdi>
        </h1>
      </div>
      {before === null && problem === null && <p class="quiet">{t("screen.loading")}</p>}
      {before === null && problem !== null && <ProblemAlert problem={problem} testid="form-problem" />}
      {before !== null && (
        <form class="editor" noValidate onSubmit={(event) => void save(event)} data-testid="promotion-form">
          <div class="editor-fields">
            <section class="editor-section">
              <h2>{t("promotions.form.section.kind")}</h2>
              <KindChoice chosen={draft.family} isFixed={id !== null} onChoose={(family) => put({ family })} />
            </section>
            <section class="editor-section">
              <h2>{t("promotions.form.section.name")}</h2>
              <div class="form-grid">
                <TextField word="promotions.form.name" path="name" value={draft.name} onType={(name) => put({ name })} />
                <TextField word="promotions.form.id" path="id" isFixed={id !== null} isWrong={wrong.has("id")}
                  value={draft.id} onType={(typed) => put({ id: typed })} />
                <ChoiceField word="promotions.state" path="state" value={draft.state} options={STATES}
                  say={(each) => t(`promotions.state.${each}`)} onChoose={(state) => put({ state })} />
              </div>
            </section>
            <section class="editor-section">
              <h2>{t("promotions.form.section.what")}</h2>
              <FamilyPart draft={draft} around={around} put={put} />
            </section>
            <section class="editor-section">
              <h2>{t("promotions.form.section.reward")}</h2>
              <Rewards draft={draft} around={around} put={put} />
            </section>
            <Conditions draft={draft} around={around} stores={view.stores} put={put} />
          </div>
          <aside class="editor-side">
            <PromotionPreview draft={draft} check={check} unit={unit} stores={view.stores} />
            {problem !== null && <ProblemAlert problem={problem} testid="form-problem" />}
            <button
              type="submit"
              class="button button-primary"
              data-testid="form-save"
              disabled={isBusy || check === null || errorsOf(check).length > 0}
            >
              <Icon name="check" />
              {t("promotions.form.save")}
            </button>
          </aside>
        </form>
      )}
    </>
  );
}

function Rewards({ draft, around, put }: Parameters<typeof FamilyPart>[0]) {
  if (TIERED.includes(draft.family)) {
    return <TiersPart value={draft.tiers} path="tiers" around={around} family={draft.family} onChange={(tiers) => put({ tiers })} />;
  }
  return <RewardPart value={draft.reward} path="reward" around={around} family={draft.family} onChange={(reward) => put({ reward })} />;
}

function errorsOf(check: DraftCheck | null) {
  return check?.findings.filter((finding) => finding.severity === "error") ?? [];
}

/** What the service says about a draft, asked anew when typing rests; null while it is not known. */
function useCheck(promotion: Written | null): DraftCheck | null {
  const [check, setCheck] = useState<DraftCheck | null>(null);
  const asked = useRef(0);
  const text = promotion === null ? null : JSON.stringify(promotion);

  useEffect(() => {
    if (text === null) return;
    const number = ++asked.current;
    const timer = setTimeout(() => {
      send<DraftCheck>("POST", "/api/promotions/check", { promotion: JSON.parse(text) as Written }).then(
        (found) => {
          if (number === asked.current) setCheck((known) => ({ ...found, products: { ...known?.products, ...found.products } }));
        },
        () => {}, // saving says what is wrong with the line
      );
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [text]);

  return check;
}
