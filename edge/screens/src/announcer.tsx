import { useSignalEffect } from "@preact/signals";
import { useRef, useState } from "preact/hooks";
import { t, whole } from "../../../shared/screens/src/messages";
import { money } from "../../../shared/screens/src/money";
import { basket, lastLine, unit } from "./lane";

/** Tells a screen reader what the eyes see: the line that came and the new total. */
export function Announcer() {
  const [text, setText] = useState("");
  const told = useRef("");

  useSignalEffect(() => {
    const filled = basket.value;
    if (filled === null) return;
    const picture = `${filled.id}.${filled.version}`;
    if (picture === told.current) return;
    told.current = picture;
    const total = money(filled.total_minor, unit.value);
    const line = lastLine.value;
    setText(line === null ? t("kiosk.tell_total", { total }) : t("kiosk.tell_line", { count: whole(line.quantity), name: line.name, total }));
  });

  return (
    <p class="visually-hidden" aria-live="polite">
      {text}
    </p>
  );
}
