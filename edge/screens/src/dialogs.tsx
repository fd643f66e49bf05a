import { basket, paid } from "./lane";
import { ContinueDialog } from "./continue-dialog";
import { HelpDialog } from "./help";
import { NumberDialog } from "./number-dialog";
import { PickDialog } from "./pick";
import { QuantityDialog } from "./quantity-dialog";
import { ReceiptDialog } from "./receipt-dialog";
import { StartOverDialog } from "./start-over";
import { StaffDialog } from "./staff-dialog";
import { opened } from "./view";

export function Dialogs() {
  const dialog = opened.value;
  const filling = basket.value;
  if (dialog === "pick") return <PickDialog />;
  if (dialog === "number") return <NumberDialog />;
  if (dialog === "continue") return <ContinueDialog />;
  if (dialog === "help") return <HelpDialog />;
  if (dialog === "staff") return <StaffDialog />;
  if (dialog === "start-over" && filling !== null) return <StartOverDialog basket={filling} />;
  if (dialog === "receipt" && paid.value !== null) return <ReceiptDialog orderId={paid.value.id} />;
  if (dialog !== null && typeof dialog === "object" && filling !== null) {
    const line = filling.lines.find((each) => each.number === dialog.quantityOf);
    if (line !== undefined) return <QuantityDialog basketId={filling.id} line={line} />;
  }
  return null;
}
