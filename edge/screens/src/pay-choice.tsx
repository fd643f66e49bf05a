import { Icon, type IconName } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { online } from "./lane";

export function PayChoice({ onChoose }: { onChoose: (kind: "cash" | "card") => void }) {
  return (
    <div class="pay-choice">
      <Choice icon="card" title={t("kiosk.card")} hint={t(online.value ? "kiosk.card_hint" : "kiosk.card_away")}
        testid="pay-card" isAway={!online.value} onChoose={() => onChoose("card")} />
      <Choice icon="cash" title={t("kiosk.cash")} hint={t("kiosk.cash_hint")}
        testid="pay-cash" isAway={false} onChoose={() => onChoose("cash")} />
    </div>
  );
}

interface ChoiceProps {
  icon: IconName;
  title: string;
  hint: string;
  testid: string;
  isAway: boolean;
  onChoose: () => void;
}

function Choice({ icon, title, hint, testid, isAway, onChoose }: ChoiceProps) {
  return (
    <button type="button" class="button choice" data-testid={testid} disabled={isAway} onClick={onChoose}>
      <Icon name={icon} />
      <span>
        <strong>{title}</strong>
        <span class="choice-hint">{hint}</span>
      </span>
      {!isAway && <Icon name="onward" />}
    </button>
  );
}
