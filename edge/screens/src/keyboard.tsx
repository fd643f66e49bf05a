import { useState } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { LANGUAGES, language, t, type Language } from "../../../shared/screens/src/messages";

const DIGITS = "1234567890";
const LAYOUTS: Record<Language, { name: string; rows: string[] }> = {
  en: { name: "ABC", rows: ["qwertyuiop", "asdfghjkl", "zxcvbnm"] },
  el: { name: "ΑΒΓ", rows: ["ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"] },
  he: { name: "אבג", rows: ["קראטוןםפ", "שדגכעיחלךף", "זסבהנמצתץ"] },
};

/** Letters for a screen that has no other keyboard. Keys stand as on a real one, so they never mirror. */
export function Keyboard({ onKey }: { onKey: (key: string) => void }) {
  const [layout, setLayout] = useState<Language>(language.value);
  const following = LANGUAGES[(LANGUAGES.indexOf(layout) + 1) % LANGUAGES.length]!;
  return (
    <div class="keyboard" dir="ltr" role="group" aria-label={t("kiosk.keyboard")}>
      {[DIGITS, ...LAYOUTS[layout].rows].map((row) => (
        <div class="keyboard-row" key={row}>
          {[...row].map((letter) => (
            <button key={letter} type="button" class="button key" tabIndex={-1} onClick={() => onKey(letter)}>
              {letter}
            </button>
          ))}
        </div>
      ))}
      <div class="keyboard-row">
        <button type="button" class="button key key-wide" tabIndex={-1} onClick={() => setLayout(following)}>
          {LAYOUTS[following].name}
        </button>
        <button type="button" class="button key key-space" tabIndex={-1} aria-label={t("kiosk.space")} onClick={() => onKey(" ")}>
          {" "}
        </button>
        <button type="button" class="button key key-wide" tabIndex={-1} aria-label={t("kiosk.erase")} onClick={() => onKey("")}>
          <Icon name="erase" />
        </button>
      </div>
    </div>
  );
}
