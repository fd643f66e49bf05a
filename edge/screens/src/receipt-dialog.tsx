import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { ReceiptPaper } from "../../../shared/screens/src/receipt";
import type { Receipt } from "../../../shared/screens/src/receipt-types";
import { readReceipt } from "./actions";
import { close } from "./view";

export function ReceiptDialog({ orderId }: { orderId: string }) {
  const [receipt, setReceipt] = useState<Receipt | Problem | null>(null);

  useEffect(() => {
    readReceipt(orderId).then(setReceipt, (error: unknown) => {
      if (error instanceof Problem) setReceipt(error);
    });
  }, [orderId]);

  return (
    <Dialog title={t("kiosk.receipt")} onClose={close} class="dialog-receipt">
      {receipt === null && <p>{t("screen.loading")}</p>}
      {receipt instanceof Problem ? <ProblemAlert problem={receipt} /> : receipt && <ReceiptPaper receipt={receipt} />}
    </Dialog>
  );
}
