import { Icon } from "../../../shared/screens/src/icons";
import { t, whole } from "../../../shared/screens/src/messages";
import { age, ago, fullMoment } from "../../../shared/screens/src/time";
import type { LeftOut, NodeView } from "./api-types";
import { Retire } from "./node-retire";
import { STATES, stateOf } from "./node-state";
import { now } from "./office";

const NAMED_MAX = 5;

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

function namesOf(leftOut: LeftOut[]): string {
  const names = leftOut.slice(0, NAMED_MAX).map((one) => one.promotion_id);
  return leftOut.length > NAMED_MAX ? `${names.join(", ")} …` : names.join(", ");
}
