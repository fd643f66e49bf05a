import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { wording } from "../../../shared/screens/src/problem";
import { clearNotice, notice } from "./notices";

/** Stands above everything, dialogs too, as a scan can fail while one is open. */
export function NoticeBanner() {
  const place = useRef<HTMLDivElement>(null);
  const told = notice.value;

  useEffect(() => {
    place.current?.hidePopover();
    if (told !== null) place.current?.showPopover();
  }, [told]);

  return (
    <div ref={place} class="notice-place" role="alert" popover="manual">
      {told !== null && (
        <div class="alert notice" data-testid="notice">
          <Icon name="alert" />
          <p>
            <strong>{wording(told).title}</strong> {wording(told).hint}
          </p>
          <button type="button" class="button button-quiet" aria-label={t("screen.close")} onClick={clearNotice}>
            <Icon name="close" />
          </button>
        </div>
      )}
    </div>
  );
}
