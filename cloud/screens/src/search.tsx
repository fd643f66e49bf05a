import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { rows } from "./orders-state";
import { go, place } from "./router";

const SETTLE_MS = 250;

/** Finds an order by anything printed on its receipt; "/" comes here from anywhere. */
export function Search() {
  const [text, setText] = useState(place.value.query);
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef(0);

  useSignalEffect(() => {
    const { query } = place.value;
    if (document.activeElement !== field.current || query === "") setText(query);
  });

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key !== "/" || event.target instanceof HTMLInputElement) return;
      event.preventDefault();
      field.current?.focus();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  function change(next: string): void {
    setText(next);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => find(next), SETTLE_MS);
  }

  function find(query: string): void {
    clearTimeout(timer.current);
    go({ page: "orders", order: null, query: query.trim() }, place.value.query ? "replace" : "push");
  }

  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const only = rows.value?.length === 1 && place.value.query === text.trim() ? rows.value[0] : undefined;
    if (only !== undefined) go({ order: only.id });
    else find(text);
  }

  return (
    <form class="search" role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        ref={field}
        class="field"
        type="search"
        dir="auto"
        aria-label={t("office.search")}
        placeholder={t("office.search")}
        data-testid="search"
        value={text}
        onInput={(event) => change(event.currentTarget.value)}
      />
      <kbd aria-hidden="true">/</kbd>
    </form>
  );
}
