const GAP_MAX_MS = 80; // a scanner types a key every few milliseconds, a person does not
const LENGTH_MIN = 4;
const LENGTH_MAX = 128;

/** Read scanners that type like a keyboard: a quick run of keys that ends in Enter, outside of text fields. */
export function listenForScans(onScan: (code: string) => void): void {
  let typed = "";
  let last = 0;

  document.addEventListener(
    "keydown",
    (event) => {
      if (isTextField(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.timeStamp - last > GAP_MAX_MS) typed = "";
      last = event.timeStamp;
      if (event.key === "Enter" && typed.length >= LENGTH_MIN) {
        // The focused button must not take the scanner's Enter as a press.
        event.preventDefault();
        event.stopPropagation();
        onScan(typed);
        typed = "";
      } else if (event.key.length === 1 && typed.length < LENGTH_MAX) {
        typed += event.key;
      }
    },
    { capture: true },
  );
}

function isTextField(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}
