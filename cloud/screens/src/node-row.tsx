import { Icon } from "../../../shared/screens/src/icons";
import { counted, t, whole } from "../../../shared/screens/src/messages";
import { age, ago, fullMoment, minute } from "../../../shared/screens/src/time";
import type { LeftOut, NodeView } from "./api-types";
import { Retire } from "./node-retire";
import { STATES, stateOf } from "./node-state";
import { now } from "./office";

const NAMED_MAX = 5;
const COUNTED_MAX = 10_000;
const TAKEN_WITHIN_MS = 60_000;

export function NodeRow({ node }: { node: NodeView }) {
  const state = stateOf(node, now.value);
  return (
    <li class="node" data-state={state} data-testid="node-row">
      <div class="node-name">
        <bdi>{node.name}</bdi>
        <span class="quiet">
          {t("office.series")} <bdi>{node.series}</bdi>
        </span>
      </div>
      <span class={`state state-${state}`}>
        <Icon name={STATES[state].icon} />
        {t(STATES[state].word)}
      </span>
      <dl class="node-facts">
        <div>
          <dt>{t("office.last_contact")}</dt>
          <dd title={node.last_contact_at === null ? undefined : fullMoment(node.last_contact_at)}>
            {node.last_contact_at === null ? t("office.never") : ago(now.value - Date.parse(node.last_contact_at))}
          </dd>
        </div>
        <div>
          <dt>{t("office.unsent")}</dt>
          <dd class={node.unsent > 0 ? "unsent" : undefined}>
            {node.unsent === 0 ? t("office.unsent_none") : whole(node.unsent)}
            {node.unsent > 0 && node.oldest_unsent_at !== null && (
              <span class="quiet">{t("office.oldest", { age: age(now.value - Date.parse(node.oldest_unsent_at)) })}</span>
            )}
          </dd>
        </div>
        <div>
          <dt>{t("office.prices")}</dt>
          <dd class={isBehind(node, now.value) ? "unsent" : undefined} data-testid="prices">
            {pricesOf(node)}
            {node.prices_as_of !== null && (
              <span class="quiet" title={fullMoment(node.prices_as_of)}>
                {t("office.prices_as_of", { time: minute(node.prices_as_of, now.value) })}
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>{t("office.journal")}</dt>
          <dd>{whole(node.journal_seq)}</dd>
        </div>
        <div>
          <dt>{t("office.version")}</dt>
          <dd>
            <bdi>{node.software_version ?? "–"}</bdi>
          </dd>
        </div>
      </dl>
      {(state === "silent" || state === "waiting") && <Retire node={node} />}
      {node.left_out.length > 0 && (
        <p class="alert node-left-out" role="status" data-testid="left-out" title={node.left_out.map((one) => one.problem).join("\n")}>
          <Icon name="alert" />
          {t("office.left_out", { names: namesOf(node.left_out) })}
        </p>
      )}
    </li>
  );
}

/** A change is on its way for a moment; what is still missing after a minute is worth a look. */
function isBehind(node: NodeView, now: number): boolean {
  if (node.rows_behind === null || node.rows_behind === 0) return false;
  return node.prices_as_of === null || now - Date.parse(node.prices_as_of) > TAKEN_WITHIN_MS;
}

function pricesOf(node: NodeView): string {
  if (node.rows_behind === null) return t("office.prices_never");
  if (node.rows_behind === 0) return t("office.prices_newest");
  return node.rows_behind < COUNTED_MAX ? counted("office.prices_behind", node.rows_behind) : t("office.prices_far_behind");
}

function namesOf(leftOut: LeftOut[]): string {
  const names = leftOut.slice(0, NAMED_MAX).map((one) => one.promotion_id);
  return leftOut.length > NAMED_MAX ? `${names.join(", ")} …` : names.join(", ");
}
