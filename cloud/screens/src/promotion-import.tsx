import { useState } from "preact/hooks";
import { Problem, upload } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { ImportReport } from "./promotion-types";

const TYPES = { csv: "text/csv", xml: "application/xml", asc: "text/plain", "price-law": "application/xml" } as const;
type Format = keyof typeof TYPES;
const COUNTS = ["added", "changed", "ended", "unchanged", "rejected"] as const;
const SHOWN = 200; // rows of a list; the counts are whole

interface Props {
  currency: string;
  onClose: () => void;
}

/** A file is looked through first; nothing changes before somebody has seen what would. */
export function PromotionImport({ currency, onClose }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [format, setFormat] = useState<Format>("csv");
  const [replaces, setReplaces] = useState(false);
  const [skips, setSkips] = useState(false);
  const [result, setResult] = useState<ImportReport | Problem | null>(null);
  const [isBusy, setBusy] = useState(false);

  async function run(chosen: File, kind: Format, options: Record<string, string>): Promise<void> {
    setBusy(true);
    const asked = new URLSearchParams({ currency, format: kind, ...options });
    try {
      setResult(await upload<ImportReport>(`/api/promotions/imports?${asked}`, chosen, TYPES[kind]));
    } catch (error) {
      if (error instanceof Problem) setResult(error);
    } finally {
      setBusy(false);
    }
  }

  function choose(chosen: File | null): void {
    setFile(chosen);
    if (chosen === null) return;
    const kind = formatOf(chosen.name);
    setFormat(kind);
    void run(chosen, kind, { mode: modeOf(replaces) });
  }

  const report = result instanceof Problem ? null : result;
  const isReady = file !== null && report !== null && !report.committed && (report.rejected === 0 || skips);
  return (
    <Dialog title={t("promotions.import")} onClose={onClose} class="dialog-wide">
      <div class="import">
        <label class="import-file">
          <span>{t("promotions.import_file")}</span>
          <input
            type="file"
            class="field"
            accept=".csv,.xml,.asc,.txt"
            data-testid="import-file"
            onChange={(event) => choose(event.currentTarget.files?.[0] ?? null)}
          />
        </label>
        <label>
          <span>{t("promotions.import_format")}</span>
          <select
            class="field"
            value={format}
            onChange={(event) => {
              const kind = event.currentTarget.value as Format;
              setFormat(kind);
              if (file !== null) void run(file, kind, { mode: modeOf(replaces) });
            }}
          >
            {(Object.keys(TYPES) as Format[]).map((each) => (
              <option key={each} value={each}>
                {t(`promotions.format.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={replaces}
            onChange={(event) => {
              setReplaces(event.currentTarget.checked);
              if (file !== null) void run(file, format, { mode: modeOf(event.currentTarget.checked) });
            }}
          />
          {t("promotions.import_replace")}
        </label>
        {result instanceof Problem && <ProblemAlert problem={result} />}
        {report !== null && <Report report={report} />}
        {report !== null && report.rejected > 0 && !report.committed && (
          <label class="check">
            <input
              type="checkbox"
              data-testid="skip-bad"
              checked={skips}
              onChange={(event) => setSkips(event.currentTarget.checked)}
            />
            {t("promotions.import_skip")}
          </label>
        )}
        <div class="import-acts">
          <button type="button" class="button" onClick={onClose}>
            {t("screen.close")}
          </button>
          {report?.committed !== true && (
            <button
              type="button"
              class="button button-primary"
              data-testid="import-commit"
              disabled={!isReady || isBusy}
              onClick={() =>
                file !== null &&
                void run(file, format, { mode: modeOf(replaces), skip_bad: String(skips), dry_run: "false" })
              }
            >
              {t("promotions.import_commit")}
            </button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function modeOf(replaces: boolean): string {
  return replaces ? "replace" : "merge";
}

function formatOf(name: string): Format {
  const ending = name.toLowerCase().split(".").pop();
  if (ending === "xml") return /^promo(full)?\d/i.test(name) ? "price-law" : "xml";
  return ending === "asc" || ending === "txt" ? "asc" : "csv";
}

function Report({ report }: { report: ImportReport }) {
  return (
    <div class="report" data-testid="import-report" role="status">
      {report.committed && (
        <p class="report-done">
          <Icon name="done" />
          {t("promotions.import_done")}
        </p>
      )}
      <dl class="report-counts">
        {COUNTS.map((name) => (
          <div key={name} class={name === "rejected" && report.rejected > 0 ? "report-bad" : undefined}>
            <dt>{t(`promotions.report.${name}`)}</dt>
            <dd>{whole(report[name])}</dd>
          </div>
        ))}
      </dl>
      {report.problems.length > 0 && (
        <ul class="report-list">
          {report.problems.slice(0, SHOWN).map((found, index) => (
            <li key={index} data-testid="import-problem">
              <span class="quiet">{t("promotions.report.line", { line: whole(found.line) })}</span>{" "}
              <bdi>{found.promotion_id}</bdi> {found.field && <bdi class="quiet">{found.field}</bdi>}{" "}
              <bdi>
                {found.message}. {found.hint}
              </bdi>
            </li>
          ))}
        </ul>
      )}
      {report.changes.length > 0 && (
        <ul class="report-list">
          {report.changes.slice(0, SHOWN).map((change) => (
            <li key={change.promotion_id}>
              <strong>{t(`promotions.report.${change.outcome}`)}</strong> <bdi>{change.name}</bdi>{" "}
              <bdi class="quiet">{change.promotion_id}</bdi>
              {change.fields.map((field) => (
                <span key={field.field} class="report-field">
                  <bdi>{field.field}</bdi>: <bdi dir="ltr">{`${field.before} → ${field.after}`}</bdi>
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
