import { decimal } from "../../../shared/screens/src/money";

const DIGITS_MAX = 12;
const QUICK_MAX = 4;
const NOTES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000, 50_000, 100_000];

/** What people are likely to hand over: the amount rounded up to each kind of note, smallest first. */
export function quickAmounts(due: number, increment: number): number[] {
  // The smallest note is about a hundred times the smallest coin in every currency that we know.
  const notes = NOTES.map((note) => note * increment * 100);
  const rounded = notes.map((note) => Math.ceil(due / note) * note).filter((amount) => amount > due);
  return [...new Set(rounded)].sort((one, other) => one - other).slice(0, QUICK_MAX);
}

/** Add a key to an amount that is being typed; "" takes the last one away. */
export function append(typed: string, key: string, exponent: number): string {
  if (key === "") return typed.slice(0, -1);
  if (key === "." && (typed.includes(".") || exponent === 0)) return typed;
  const next = (typed === "0" && key !== "." ? "" : typed === "" && key === "." ? "0" : typed) + key;
  const [main = "", rest = ""] = next.split(".");
  return main.length + exponent > DIGITS_MAX || rest.length > exponent ? typed : next;
}

/** The minor units of a typed amount: "12.5" with exponent 2 is 1250. */
export function minorOf(typed: string, exponent: number): number {
  const [main = "", rest = ""] = typed.split(".");
  return Number(main + rest.padEnd(exponent, "0"));
}

export function textOf(minor: number, exponent: number): string {
  return decimal(minor, exponent);
}
