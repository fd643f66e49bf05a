import { Icon } from "../../../shared/screens/src/icons";
import { known, language, t } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import type { StoreView } from "./api-types";
import type { Draft } from "./promotion-draft";
import { sentenceOf } from "./promotion-sentence";
import type { DraftCheck, Finding } from "./promotion-types";

interface Props {
  draft: Draft;
  check: DraftCheck | null;
  unit: Unit;
  stores: StoreView[];
}

/** What a promotion does, in a sentence, and everything that is to be said about it. */
export function PromotionPreview({ draft, check, unit, stores }: Props) {
  const names = Object.fromEntries(stores.map((store) => [store.code, store.name]));
  return (
    <section class="preview" aria-live="polite">
      <h2>{t("promotions.form.preview")}</h2>
      <p class="preview-sentence" data-testid="sentence">
        {sentenceOf(draft, { unit, products: check?.products ?? {}, stores: names })}
      </p>
      {check === null && <p class="quiet">{t("promotions.form.checking")}</p>}
      {check !== null && check.findings.length === 0 && (
        <p class="preview-sound" data-testid="sound">
          <Icon name="done" />
          {t("promotions.form.sound")}
        </p>
      )}
      {check !== null && check.findings.length > 0 && (
        <ul class="findings">
          {check.findings.map((finding) => (
            <FindingRow key={`${finding.field} ${finding.code} ${finding.message}`} finding={finding} />
          ))}
        </ul>
      )}
    </section>
  );
}

/** What is only missing yet is said quietly; it is no mistake of anybody's. */
function FindingRow({ finding }: { finding: Finding }) {
  const kind = finding.code === "missing" ? "missing" : finding.severity;
  const saying = language.value === "en" ? finding.message : (known(`finding.${finding.code}`) ?? finding.message);
  return (
    <li class={`finding finding-${kind}`} data-testid="finding">
      <Icon name={kind === "missing" ? "waiting" : "alert"} />
      <span>
        <strong>{fieldWord(finding.field)}</strong> {saying}
      </span>
    </li>
  );
}

/** A field as the form calls it: "slots[2].qty" is "Place 2: Units". */
function fieldWord(path: string): string {
  const words = path.replace(".select", "").split(".").map((step) => {
    const [, name = "", number = ""] = /^(\w+?)s?(?:\[(\d+)\])?$/.exec(step) ?? [];
    const place = { slot: "slot", requisite: "requisite", target: "goal", tier: "tier" }[name];
    if (number !== "" && place !== undefined) return known(`promotions.form.${place}`, { number });
    return step === "layer" ? t("promotions.layer") : known(`promotions.form.${step}`);
  });
  const told = words.filter((word) => word !== null);
  return told.length > 0 ? `${told.join(", ")}:` : "";
}
