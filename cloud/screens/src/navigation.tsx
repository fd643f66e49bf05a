import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { LanguageSwitch } from "../../../shared/screens/src/language-switch";
import { counted, language, t, whole, type Key } from "../../../shared/screens/src/messages";
import { office, signOut } from "./office";
import { addressOf, follow, place, type Place } from "./router";

const TASKS: { page: Place["page"]; word: Key; icon: IconName }[] = [
  { page: "stores", word: "office.stores", icon: "store" },
  { page: "orders", word: "office.orders", icon: "receipt" },
  { page: "days", word: "days.title", icon: "day" },
  { page: "alarms", word: "alarms.title", icon: "bell" },
  { page: "promotions", word: "promotions.title", icon: "saving" },
  { page: "specials", word: "specials.title", icon: "special" },
];

export function Navigation({ tenant }: { tenant: string }) {
  return (
    <div class="side">
      <p class="tenant">
        <bdi>{tenant}</bdi>
        <span>{t("office.title")}</span>
      </p>
      <nav aria-label={t("office.navigation")}>
        {TASKS.map(({ page, word, icon }) => {
          const to: Partial<Place> = { page, path: [], order: null, query: "", store: "" };
          return (
            <a
              key={page}
              class="task"
              href={addressOf(to)}
              aria-current={place.value.page === page ? "page" : undefined}
              data-testid={`go-${page}`}
              onClick={(event) => follow(event, to)}
            >
              <Icon name={icon} />
              <span>{t(word)}</span>
              {page === "alarms" && <Waiting />}
            </a>
          );
        })}
      </nav>
      <div class="side-foot">
        <LanguageSwitch onChoose={(chosen) => (language.value = chosen)} />
        <button type="button" class="button button-quiet" data-testid="sign-out" onClick={() => void signOut()}>
          <Icon name="leave" />
          <span>{t("office.sign_out")}</span>
        </button>
      </div>
    </div>
  );
}

/** How much waits for somebody: alarms and entries that were set aside. */
function Waiting() {
  const waiting = (office.value?.alarms ?? 0) + (office.value?.quarantined ?? 0);
  if (waiting === 0) return null;
  return (
    <span class="badge" data-testid="alarms-waiting" aria-label={counted("alarms.count", waiting)}>
      {whole(waiting)}
    </span>
  );
}
