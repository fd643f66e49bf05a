import type { OfficeView } from "./api-types";
import { PromotionEditor } from "./promotion-editor";
import { Promotions } from "./promotions";
import { place } from "./router";
import { Trials } from "./trials";

/** Everything below the address of the promotions. */
export function PromotionPages({ view }: { view: OfficeView }) {
  const [what, id] = place.value.path;
  if (what === "new") return <PromotionEditor key="" id={null} view={view} />;
  if (what === "edit" && id !== undefined) return <PromotionEditor key={id} id={id} view={view} />;
  if (what === "trials") return <Trials id={id ?? null} view={view} />;
  return <Promotions view={view} />;
}
