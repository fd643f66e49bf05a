import { money } from "../../../shared/screens/src/money";
import { unit } from "./lane";

const LETTERS_MIN = 8; // short amounts are all set at the largest size

/** An amount as large as its place allows, however many digits it has. */
export function Total({ minor, testid }: { minor: number; testid?: string }) {
  const text = money(minor, unit.value);
  return (
    <bdi class="amount total" data-testid={testid} style={{ "--letters": String(Math.max(text.length, LETTERS_MIN)) }}>
      {text}
    </bdi>
  );
}
