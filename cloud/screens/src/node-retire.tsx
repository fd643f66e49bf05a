import { useState } from "preact/hooks";
import { Problem, send } from "../../../shared/screens/src/api";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import type { NodeView } from "./api-types";

/** A box that is gone makes room for another one. Its leases come back to the others at once. */
export function Retire({ node }: { node: NodeView }) {
  const [isSure, setSure] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function retire(): Promise<void> {
    try {
      await send("POST", `/api/nodes/${node.id}/retirement`);
      await send("DELETE", `/api/nodes/${node.id}/leases`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  }

  return (
    <div class="node-retire">
      {problem !== null && <ProblemAlert problem={problem} />}
      <span class="quiet">{isSure && t("office.retire_hint")}</span>
      <button
        type="button"
        class={isSure ? "button button-danger" : "button button-quiet"}
        data-testid="retire"
        onBlur={() => setSure(false)}
        onClick={() => (isSure ? void retire() : setSure(true))}
      >
        {t(isSure ? "office.retire_sure" : "office.retire")}
      </button>
    </div>
  );
}
