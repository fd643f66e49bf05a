import { money, plain, type Unit } from "./money";

interface Props {
  minor: number;
  unit: Unit;
  bare?: boolean;
  class?: string;
  testid?: string;
}

/** An amount that keeps its own direction inside text of another. */
export function Amount({ minor, unit, bare, class: extra, testid }: Props) {
  return (
    <bdi class={extra ? `amount ${extra}` : "amount"} data-testid={testid}>
      {bare ? plain(minor, unit) : money(minor, unit)}
    </bdi>
  );
}
