/** A promotion, or a part of one, as the service takes it. */
export type Written = Record<string, unknown>;

export function partOf(value: unknown): Written {
  return typeof value === "object" && value !== null ? (value as Written) : {};
}

export function partsOf(value: unknown): Written[] {
  return Array.isArray(value) ? value.map(partOf) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

export function listed(value: unknown): string {
  return Array.isArray(value) ? value.join(", ") : "";
}

/** Codes between commas, semicolons or line ends; none at all means no condition. */
export function split(text: string): string[] | null {
  const found = text.split(/[,;\n]/).map((code) => code.trim()).filter((code) => code !== "");
  return found.length > 0 ? found : null;
}

/**
 * "12.50" as a whole number of its smallest unit, without passing through a fraction.
 *
 * What is no number stays the text that it is, for the service to refuse; nothing at all is left out of what is sent.
 */
export function numeric(text: string, decimals: number): number | string | undefined {
  if (text.trim() === "") return undefined;
  const found = /^([0-9]{1,10})(?:[.,]([0-9]*))?$/.exec(text.trim());
  const rest = found?.[2] ?? "";
  if (found === null || rest.length > decimals) return text;
  return Number(found[1] + rest.padEnd(decimals, "0"));
}

export function decimal(value: unknown, decimals: number): string {
  if (typeof value !== "number") return "";
  const digits = String(value).padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals);
  const rest = decimals === 0 ? "" : digits.slice(-decimals);
  return /^0*$/.test(rest) ? whole : `${whole}.${rest}`;
}
