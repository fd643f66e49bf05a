import { LANGUAGE_NAMES, LANGUAGES, language, t, type Language } from "./messages";

/** One button per language, each written in its own. */
export function LanguageSwitch({ onChoose }: { onChoose: (chosen: Language) => void }) {
  return (
    <div class="languages" role="group" aria-label={t("screen.language")}>
      {LANGUAGES.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          class="button"
          aria-pressed={language.value === each}
          data-testid={`language-${each}`}
          onClick={() => onChoose(each)}
        >
          {LANGUAGE_NAMES[each]}
        </button>
      ))}
    </div>
  );
}
