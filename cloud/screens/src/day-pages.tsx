import type { OfficeView } from "./api-types";
import { DayDetailPage } from "./day-detail";
import { Days } from "./days";
import { place } from "./router";

/** Everything below the address of the days. */
export function DayPages({ view }: { view: OfficeView }) {
  const [id] = place.value.path;
  return id === undefined ? <Days view={view} /> : <DayDetailPage key={id} id={id} />;
}
