import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { DiscountForm } from "./discount-form";
import { Keyboard } from "./keyboard";
import { basket, lane } from "./lane";
import { PricesAsOf } from "./prices";
import { signIn, signOut, staff, type Staff } from "./staff";
import { close } from "./view";

/** What only staff may do at this screen: prove who they are, then give a discount on the spot. */
export function StaffDialog() {
  const [refused, setRefused] = useState<Problem | null>(null);
  const who = staff.value;
  const filling = basket.value;

  function refuse(problem: Problem): void {
    signOut();
    setRefused(problem);
  }

  return (
    <Dialog title={t(who === null ? "kiosk.staff" : "kiosk.discount")} onClose={close} class="dialog-staff">
      {lane.value !== null && <PricesAsOf office={lane.value.head_office} />}
      {who === null && <SignIn problem={refused} />}
      {who !== null && filling === null && <p>{t("kiosk.staff_no_basket")}</p>}
      {who !== null && filling !== null && <DiscountForm basket={filling} staff={who} onRefused={refuse} />}
      {who !== null && (
        <button
          type="button"
          class="button button-quiet staff-out"
          data-testid="staff-out"
          onClick={() => {
            signOut();
            close();
          }}
        >
          {t("kiosk.staff_out")}
        </button>
      )}
    </Dialog>
  );
}

function SignIn({ problem }: { problem: Problem | null }) {
  const [who, setWho] = useState<Staff>({ name: "", key: "" });
  const [typing, setTyping] = useState<keyof Staff>("name");
  const first = useRef<HTMLInputElement>(null);

  useEffect(() => first.current?.focus(), []);

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    signIn({ name: who.name.trim(), key: who.key.trim() });
  }

  function field(name: keyof Staff) {
    return {
      class: "field",
      dir: "auto",
      required: true,
      inputMode: matchMedia("(max-width: 600px)").matches ? "text" : "none",
      autocomplete: "off",
      "data-testid": `staff-${name}`,
      value: who[name],
      onFocus: () => setTyping(name),
      onInput: (event: { currentTarget: HTMLInputElement }) => setWho({ ...who, [name]: event.currentTarget.value }),
    } as const;
  }

  return (
    <form class="entry" onSubmit={submit}>
      {problem !== null && <ProblemAlert problem={problem} testid="staff-problem" />}
      <label class="entry-field">
        {t("kiosk.staff_name")}
        <input ref={first} type="text" maxLength={50} {...field("name")} />
      </label>
      <label class="entry-field">
        {t("kiosk.staff_key")}
        <input type="password" aria-describedby="staff-hint" {...field("key")} />
      </label>
      <p id="staff-hint" class="entry-label">
        {t("kiosk.staff_key_hint")}
      </p>
      <Keyboard onKey={(key) => setWho({ ...who, [typing]: key === "" ? who[typing].slice(0, -1) : who[typing] + key })} />
      <button
        type="submit"
        class="button button-primary button-tall"
        data-testid="staff-in"
        disabled={who.name.trim() === "" || who.key.trim() === ""}
      >
        {t("kiosk.staff_in")}
      </button>
    </form>
  );
}
