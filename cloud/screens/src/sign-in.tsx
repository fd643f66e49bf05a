import { useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Icon } from "../../../shared/screens/src/icons";
import { LanguageSwitch } from "../../../shared/screens/src/language-switch";
import { language, t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { signIn } from "./office";

export function SignIn() {
  const [key, setKey] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await signIn(key.trim());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="sign-in">
      <form class="sign-in-card" onSubmit={(event) => void submit(event)}>
        <p class="sign-in-mark">
          <Icon name="store" />
          Shopwright
        </p>
        <h1>{t("office.title")}</h1>
        <label for="key">{t("office.key")}</label>
        <input
          id="key"
          class="field"
          type="password"
          dir="ltr"
          autocomplete="current-password"
          autofocus
          required
          aria-describedby="key-hint"
          data-testid="key"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <p id="key-hint" class="quiet">
          {t("office.key_hint")}
        </p>
        {problem !== null && <ProblemAlert problem={problem} testid="sign-in-problem" />}
        <button type="submit" class="button button-primary" data-testid="sign-in" disabled={isBusy || key.trim() === ""}>
          {t("office.sign_in")}
        </button>
        <LanguageSwitch onChoose={(chosen) => (language.value = chosen)} />
      </form>
    </main>
  );
}
