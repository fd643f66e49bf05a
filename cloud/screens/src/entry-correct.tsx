import { useState } from "preact/hooks";
import { Problem, send } from "../../../shared/screens/src/api";
import { t } from "../../../shared/screens/src/messages";
import { ActDialog } from "./act-dialog";
import type { EntryDetail } from "./book-types";
import { TextField } from "./fields";

interface Props {
  entry: EntryDetail;
  path: string;
  onDone: () => void;
  onClose: () => void;
}

/** A body to be applied instead of the raw one, beginning with what the entry says. */
export function CorrectDialog({ entry, path, onDone, onClose }: Props) {
  const [body, setBody] = useState(() => bodyOf(entry.raw));
  const [event, setEvent] = useState(entry.event ?? "");
  const [version, setVersion] = useState(String(entry.version ?? 1));

  function correct(author: string, reason: string): Promise<unknown> {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      return Promise.reject(new Problem("no-json", t("entries.no_json"), t("entries.no_json_hint"), 0));
    }
    return send("POST", `${path}/correction`, { author, reason, event, version: Number(version), body: parsed });
  }

  return (
    <ActDialog title={t("entries.correct")} hint="entries.correct_hint" noteWord="entries.correct_reason" act={correct} onDone={onDone} onClose={onClose}>
      <div class="form-grid">
        <TextField word="entries.event" path="event" value={event} onType={setEvent} isNeeded />
        <TextField word="entries.version" path="version" value={version} onType={setVersion} mode="numeric" isNeeded />
      </div>
      <label class="form-field">
        <span>{t("entries.body")}</span>
        <textarea class="field entry-body" dir="ltr" rows={14} spellcheck={false} data-testid="form-body" value={body} onInput={(input) => setBody(input.currentTarget.value)} />
      </label>
    </ActDialog>
  );
}

function bodyOf(raw: string): string {
  try {
    return JSON.stringify((JSON.parse(raw) as { body?: unknown }).body ?? {}, null, 2);
  } catch {
    return "{}";
  }
}
