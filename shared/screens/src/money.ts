import { locale } from "./messages";

/** A currency with the number of decimals that separate its main unit from its smallest. */
export interface Unit {
  currency: string;
  exponent: number;
}

type Decimal = Intl.StringNumericLiteral;

/** The exact decimal text of minor units: 123450 with exponent 2 is "1234.50". No float is ever made. */
export function decimal(minor: number, exponent: number): Decimal {
  const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
  const main = digits.slice(0, digits.length - exponent);
  const rest = exponent > 0 ? `.${digits.slice(-exponent)}` : "";
  return `${minor < 0 ? "-" : ""}${main}${rest}` as Decimal;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(style: "currency" | "decimal", unit: Unit): Intl.NumberFormat {
  const key = `${locale.value} ${style} ${unit.currency} ${unit.exponent}`;
  let made = formats.get(key);
  if (made === undefined) {
    made = new Intl.NumberFormat(locale.value, {
      style,
      ...(style === "currency" ? { currency: unit.currency, currencyDisplay: "narrowSymbol" } : {}),
      minimumFractionDigits: unit.exponent,
      maximumFractionDigits: unit.exponent,
    });
    formats.set(key, made);
  }
  return made;
}

/** An amount with its currency: "£1,234.50", "1.234,50 €". */
export function money(minor: number, unit: Unit): string {
  return format("currency", unit).format(decimal(minor, unit.exponent));
}

/** An amount without its currency, for columns that name it once. */
export function plain(minor: number, unit: Unit): string {
  return format("decimal", unit).format(decimal(minor, unit.exponent));
}
