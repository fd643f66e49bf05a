import { useState } from "preact/hooks";
import { send } from "../../../shared/screens/src/api";
import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { counted, t } from "../../../shared/screens/src/messages";
import type { OfficeView } from "./api-types";
import { EditDialog } from "./editing";
import { TextField } from "./fields";
import { Listing, useListed } from "./listing";

interface Cause {
  id: string;
  name: string;
  state: "active" | "ended";
  donated: { currency: string; donations: number; minor: number }[];
}

export function Donations({ view }: { view: OfficeView }) {
  const listed = useListed<{ donations: Cause[] }>("/api/donations");
  const [edited, setEdited] = useState<Cause | "new" | null>(null);
  const causes = listed.found?.donations ?? [];
  const exponentOf = (currency: string) => view.stores.find((store) => store.currency === currency)?.exponent ?? 2;
  return (
    <>
      <button type="button" class="button form-act" data-testid="new-cause" onClick={() => setEdited("new")}>
        <Icon name="plus" />
        {t("donations.new")}
      </button>
      <Listing listed={listed} isEmpty={causes.length === 0} icon="special" none="donations.none" noneHint="donations.none_hint">
        <div class="cards">
          {causes.map((cause) => (
            <section key={cause.id} class="editor-section" data-testid="cause">
              <h2>
                <button type="button" class="link" onClick={() => setEdited(cause)}>
                  <bdi>{cause.name}</bdi>
                </button>
              </h2>
              <p class="quiet">
                <bdi>{cause.id}</bdi> · {t(`specials.state.${cause.state}`)}
              </p>
              {cause.donated.length === 0 && <p>{t("donations.nothing")}</p>}
              {cause.donated.map(({ currency, donations, minor }) => (
                <p key={currency} class="card-sum">
                  <Amount minor={minor} unit={{ currency, exponent: exponentOf(currency) }} />
                  <span class="quiet">{counted("donations.gifts", donations)}</span>
                </p>
              ))}
            </section>
          ))}
        </div>
      </Listing>
      {edited !== null && (
        <CauseDialog
          known={edited === "new" ? null : edited}
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

function CauseDialog({ known, onDone, onClose }: { known: Cause | null; onDone: () => void; onClose: () => void }) {
  const [id, setId] = useState(known?.id ?? "");
  const [name, setName] = useState(known?.name ?? "");
  const path = `/api/donations/${encodeURIComponent(id.trim())}`;
  return (
    <EditDialog
      title={known === null ? t("donations.new") : known.name}
      save={() => send("PUT", path, { name: name.trim() })}
      {...(known?.state === "active" ? { end: () => send("DELETE", path) } : {})}
      onDone={onDone}
      onClose={onClose}
    >
      <div class="form-grid">
        <TextField word="specials.name" path="name" value={name} onType={setName} />
        <TextField word="specials.id" path="id" isFixed={known !== null} value={id} onType={setId} />
      </div>
    </EditDialog>
  );
}
