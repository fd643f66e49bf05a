import type { IconName } from "../../../shared/screens/src/icons";
import type { Key } from "../../../shared/screens/src/messages";
import type { NodeView } from "./api-types";

// A node asks for news every few seconds, so half a minute means something is in its way.
const LATE_MS = 30_000;
const SILENT_MS = 5 * 60_000;

export type NodeState = "online" | "late" | "silent" | "waiting" | "retired";

export const STATES: Record<NodeState, { word: Key; icon: IconName }> = {
  online: { word: "office.state_online", icon: "done" },
  late: { word: "office.state_late", icon: "waiting" },
  silent: { word: "office.state_silent", icon: "silent" },
  retired: { word: "office.state_retired", icon: "leave" },
  waiting: { word: "office.state_waiting", icon: "key" },
};

export function stateOf(node: NodeView, now: number): NodeState {
  if (node.retired_at !== null) return "retired";
  if (!node.enrolled) return "waiting";
  if (node.last_contact_at === null) return "silent";
  const quiet = now - Date.parse(node.last_contact_at);
  if (quiet > SILENT_MS) return "silent";
  return quiet > LATE_MS ? "late" : "online";
}
