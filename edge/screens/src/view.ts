import { signal } from "@preact/signals";

export type Opened = "pick" | "number" | "help" | "start-over" | "receipt" | "staff" | "continue" | { quantityOf: number };

/** The dialog that is open. Nothing of the sale is kept here: a reload only closes it. */
export const opened = signal<Opened | null>(null);
/** Whether the shopper is choosing how to pay. */
export const isPaying = signal(false);

export function open(dialog: Opened): void {
  opened.value = dialog;
}

export function close(): void {
  opened.value = null;
}
