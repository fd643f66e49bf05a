import { Icon } from "../../../shared/screens/src/icons";
import { t, type Key } from "../../../shared/screens/src/messages";
import { addressOf, follow, type Place } from "./router";

/** The way up, above the title of a page that stands below another. */
export function BackLink({ to, word }: { to: Partial<Place>; word: Key }) {
  return (
    <a class="back-link" href={addressOf(to)} data-testid="back" onClick={(event) => follow(event, to)}>
      <Icon name="back" />
      {t(word)}
    </a>
  );
}
