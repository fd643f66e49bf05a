import { useState } from "preact/hooks";
import { Problem, send, upload } from "../../../shared/screens/src/api";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { EditDialog } from "./editing";
import { TextField } from "./fields";
import { Listing, useListed } from "./listing";
import { decimal, numeric } from "./promotion-values";

interface Lottery {
  id: string;
  state: "active" | "ended";
  terms: { name: string; from_minor: number; opens: string | null; closes: string | null };
  free: number;
  leased: number;
  drawn: number;
  void: number;
  is_low: boolean;
}

const COUNTS = ["free", "leased", "drawn", "void"] as const;

export function Lotteries({ unit }: { unit: Unit }) {
  const listed = useListed<{ lotteries: Lottery[] }>("/api/lotteries");
  const [edited, setEdited] = useState<Lottery | "new" | null>(null);
  const lotteries = listed.found?.lotteries ?? [];
  return (
    <>
      <button type="button" class="button form-act" data-testid="new-lottery" onClick={() => setEdited("new")}>
        <Icon name="plus" />
        {t("lotteries.new")}
      </button>
      <Listing listed={listed} isEmpty={lotteries.length === 0} icon="special" none="lotteries.none" noneHint="lotteries.none_hint">
        <div class="cards">
          {lotteries.map((lottery) => (
            <LotteryCard key={lottery.id} lottery={lottery} unit={unit} onOpen={() => setEdited(lottery)} onImported={listed.load} />
          ))}
        </div>
      </Listing>
      {edited !== null && (
        <LotteryDialog
          known={edited === "new" ? null : edited}
          unit={unit}
          onClose={() => setEdited(null)}
          onDone={() => {
            setEdited(null);
            listed.load();
          }}
        />
      )}
    </>
  );
}

interface CardProps {
  lottery: Lottery;
  unit: Unit;
  onOpen: () => void;
  onImported: () => void;
}

function LotteryCard({ lottery, unit, onOpen, onImported }: CardProps) {
  const [told, setTold] = useState<{ taken: number; rejected: number } | Problem | null>(null);

  async function take(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    try {
      setTold(await upload(`/api/lotteries/${encodeURIComponent(lottery.id)}/imports`, file, "text/csv"));
      onImported();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setTold(error);
    }
  }

  return (
    <section class="editor-section" data-testid="lottery">
      <h2>
        <button type="button" class="link" onClick={onOpen}>
          <bdi>{lottery.terms.name}</bdi>
        </button>
      </h2>
      <p class="quiet">
        <bdi>{lottery.id}</bdi> · {t(`specials.state.${lottery.state}`)} · {t("lotteries.from")}{" "}
        <Amount minor={lottery.terms.from_minor} unit={unit} />
      </p>
      <dl class="report-counts">
        {COUNTS.map((name) => (
          <div key={name}>
            <dt>{t(`lotteries.${name}`)}</dt>
            <dd>{whole(lottery[name])}</dd>
          </div>
        ))}
      </dl>
      {lottery.is_low && lottery.state === "active" && <p class="form-warning">{t("lotteries.low")}</p>}
      {told instanceof Problem && <ProblemAlert problem={told} />}
      {told !== null && !(told instanceof Problem) && (
        <p role="status" data-testid="codes-taken">
          {t("lotteries.taken", { taken: whole(told.taken), rejected: whole(told.rejected) })}
        </p>
      )}
      <label class="form-field">
        <span>{t("lotteries.import")}</span>
        <input class="field" type="file" accept=".csv,.txt" data-testid="codes-file"
          onChange={(event) => void take(event.currentTarget.files?.[0])} />
        <span class="form-hint">{t("lotteries.import_hint")}</span>
      </label>
    </section>
  );
}

interface DialogProps {
  known: Lottery | null;
  unit: Unit;
  onDone: () => void;
  onClose: () => void;
}

function LotteryDialog({ known, unit, onDone, onClose }: DialogProps) {
  const [id, setId] = useState(known?.id ?? "");
  const [name, setName] = useState(known?.terms.name ?? "");
  const [from, setFrom] = useState(decimal(known?.terms.from_minor, unit.exponent));
  const [opens, setOpens] = useState(known?.terms.opens ?? "");
  const [closes, setCloses] = useState(known?.terms.closes ?? "");
  const path = `/api/lotteries/${encodeURIComponent(id.trim())}`;
  const terms = { name: name.trim(), from_minor: numeric(from, unit.exponent), opens: opens || null, closes: closes || null };
  return (
    <EditDialog
      title={known === null ? t("lotteries.new") : known.terms.name}
      save={() => send("PUT", path, terms)}
      {...(known?.state === "active" ? { end: () => send("DELETE", path) } : {})}
      onDone={onDone}
      onClose={onClose}
    >
      <div class="form-grid">
        <TextField word="specials.name" path="name" value={name} onType={setName} />
        <TextField word="specials.id" path="id" isFixed={known !== null} value={id} onType={setId} />
        <TextField word="lotteries.from" path="from_minor" mode="decimal" unit={unit.currency} value={from} onType={setFrom} />
        <TextField word="specials.opens" path="opens" type="date" value={opens} onType={setOpens} />
        <TextField word="specials.closes" path="closes" type="date" value={closes} onType={setCloses} />
      </div>
    </EditDialog>
  );
}
