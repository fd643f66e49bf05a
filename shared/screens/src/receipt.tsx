import "./receipt.css";
import { directionOf, textIn, type Facts, type Key } from "./messages";
import type { LabelledAmount, Receipt } from "./receipt-types";

/** A receipt as the paper has it: in the language it was sold in, whatever the screen speaks. */
export function ReceiptPaper({ receipt }: { receipt: Receipt }) {
  const say = (key: Key, facts?: Facts) => textIn(receipt.language, key, facts);
  const [name, ...address] = receipt.store;
  return (
    <article class="paper" lang={receipt.language} dir={directionOf(receipt.language)} data-testid="receipt">
      <header class="paper-head">
        <strong class="paper-store">
          <bdi>{name}</bdi>
        </strong>
        {address.map((line) => (
          <bdi key={line}>{line}</bdi>
        ))}
        {receipt.kind === "refund" && <strong class="paper-stamp">{say("receipt.refund")}</strong>}
        {receipt.is_copy && <strong class="paper-stamp">{say("receipt.copy")}</strong>}
      </header>
      <ul class="paper-items">
        {receipt.items.map((item, index) => (
          <li key={index}>
            <Row label={item.name} amount={item.amount} />
            {item.detail !== null && <bdi class="paper-detail">{item.detail}</bdi>}
            {item.savings.map((saving) => (
              <Row key={saving.label} {...saving} class="paper-detail" />
            ))}
          </li>
        ))}
      </ul>
      <div class="paper-block">
        {receipt.subtotal !== null && <Row label={say("receipt.subtotal")} amount={receipt.subtotal} />}
        {receipt.saved !== null && <Row label={say("receipt.saved")} amount={receipt.saved} />}
        {receipt.donation !== null && <Row {...receipt.donation} />}
        <p class="paper-row paper-total">
          <span>{say("receipt.total")}</span>
          <span class="amount">
            <span class="paper-currency">{receipt.currency}</span> <bdi data-testid="receipt-total">{receipt.total}</bdi>
          </span>
        </p>
        {receipt.payments.map((payment) => (
          <Row key={payment.label} {...payment} />
        ))}
      </div>
      <Taxes receipt={receipt} say={say} />
      {receipt.vouchers.length > 0 && (
        <div class="paper-block">
          {receipt.vouchers.map((voucher) => (
            <Row key={voucher.label} {...voucher} />
          ))}
        </div>
      )}
      {receipt.lotteries.length > 0 && (
        <div class="paper-block">
          {receipt.lotteries.map((code) => (
            <Row key={code.amount} {...code} />
          ))}
        </div>
      )}
      <footer class="paper-foot">
        <span>
          {say("receipt.number", { number: receipt.number })} · <bdi>{receipt.placed_at}</bdi>
        </span>
        {receipt.original !== null && <span>{say("receipt.original", { number: receipt.original })}</span>}
        {receipt.footer.map((line) => (
          <bdi key={line}>{line}</bdi>
        ))}
        <bdi class="paper-code">{receipt.code}</bdi>
      </footer>
    </article>
  );
}

function Row({ label, amount, class: extra = "" }: LabelledAmount & { class?: string }) {
  return (
    <p class={`paper-row ${extra}`}>
      <bdi>{label}</bdi>
      <bdi class="amount">{amount}</bdi>
    </p>
  );
}

function Taxes({ receipt, say }: { receipt: Receipt; say: (key: Key) => string }) {
  return (
    <table class="paper-taxes">
      <thead>
        <tr>
          <th scope="col">{say("receipt.tax")}</th>
          <th scope="col">{say("receipt.net")}</th>
          <th scope="col">{say("receipt.tax")}</th>
          <th scope="col">{say("receipt.gross")}</th>
        </tr>
      </thead>
      <tbody>
        {receipt.taxes.map((row) => (
          <tr key={row.rate}>
            {[row.rate, row.net, row.tax, row.gross].map((text, column) => (
              <td key={column}>
                <bdi>{text}</bdi>
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
