import elsewhere from "lucide-static/icons/arrow-right-left.svg?raw";
import largeType from "lucide-static/icons/a-large-small.svg?raw";
import back from "lucide-static/icons/arrow-left.svg?raw";
import cash from "lucide-static/icons/banknote.svg?raw";
import check from "lucide-static/icons/check.svg?raw";
import onward from "lucide-static/icons/chevron-right.svg?raw";
import done from "lucide-static/icons/circle-check.svg?raw";
import help from "lucide-static/icons/circle-question-mark.svg?raw";
import waiting from "lucide-static/icons/clock.svg?raw";
import silent from "lucide-static/icons/cloud-off.svg?raw";
import contrast from "lucide-static/icons/contrast.svg?raw";
import day from "lucide-static/icons/calendar-check.svg?raw";
import bell from "lucide-static/icons/bell.svg?raw";
import download from "lucide-static/icons/download.svg?raw";
import card from "lucide-static/icons/credit-card.svg?raw";
import erase from "lucide-static/icons/delete.svg?raw";
import number from "lucide-static/icons/hash.svg?raw";
import key from "lucide-static/icons/key-round.svg?raw";
import busy from "lucide-static/icons/loader-circle.svg?raw";
import leave from "lucide-static/icons/log-out.svg?raw";
import minus from "lucide-static/icons/minus.svg?raw";
import display from "lucide-static/icons/monitor.svg?raw";
import present from "lucide-static/icons/nfc.svg?raw";
import plus from "lucide-static/icons/plus.svg?raw";
import printer from "lucide-static/icons/printer.svg?raw";
import antenna from "lucide-static/icons/radio-tower.svg?raw";
import receipt from "lucide-static/icons/receipt-text.svg?raw";
import scale from "lucide-static/icons/scale.svg?raw";
import scan from "lucide-static/icons/scan-barcode.svg?raw";
import search from "lucide-static/icons/search.svg?raw";
import basket from "lucide-static/icons/shopping-basket.svg?raw";
import special from "lucide-static/icons/ticket-percent.svg?raw";
import store from "lucide-static/icons/store.svg?raw";
import saving from "lucide-static/icons/tag.svg?raw";
import remove from "lucide-static/icons/trash-2.svg?raw";
import alert from "lucide-static/icons/triangle-alert.svg?raw";
import disconnected from "lucide-static/icons/unplug.svg?raw";
import sound from "lucide-static/icons/volume-2.svg?raw";
import muted from "lucide-static/icons/volume-x.svg?raw";
import close from "lucide-static/icons/x.svg?raw";

const ICONS = {
  alert, antenna, back, basket, bell, busy, card, cash, check, close, contrast, day, disconnected, display, done, download, elsewhere, erase,
  help, key, largeType, leave, minus, muted, number, onward, plus, present, printer, receipt, remove, saving,
  scale, scan, search, silent, sound, special, store, waiting,
};

export type IconName = keyof typeof ICONS;

const DIRECTED: ReadonlySet<IconName> = new Set(["back", "onward", "leave"]);

/** A picture beside a word; it says nothing of its own to a screen reader. */
export function Icon({ name }: { name: IconName }) {
  const kind = DIRECTED.has(name) ? "icon icon-directed" : "icon";
  return <span class={kind} aria-hidden="true" dangerouslySetInnerHTML={{ __html: ICONS[name] }} />;
}
