import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

interface Props {
  /** Called with a digit, with `extra`, or with "" to take the last one away. */
  onKey: (key: string) => void;
  /** What stands beside the zero: a decimal point or "00". */
  extra?: string;
}

/** Digits as on a till; the order of digits is the same in every script. */
export function Keypad({ onKey, extra }: Props) {
  return (
    <div class="keypad" dir="ltr" role="group" aria-label={t("kiosk.keypad")}>
      {DIGITS.map((digit) => (
        <Key key={digit} text={digit} onKey={onKey} />
      ))}
      {extra === undefined ? <span /> : <Key text={extra} onKey={onKey} />}
      <Key text="0" onKey={onKey} />
      <button type="button" class="button key" aria-label={t("kiosk.erase")} onClick={() => onKey("")}>
        <Icon name="erase" />
      </button>
    </div>
  );
}

function Key({ text, onKey }: { text: string; onKey: (key: string) => void }) {
  return (
    <button type="button" class="button key" data-testid={`key-${text}`} onClick={() => onKey(text)}>
      {text}
    </button>
  );
}
