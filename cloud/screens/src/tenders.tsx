import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import type { Unit } from "../../../shared/screens/src/money";
import type { Order, Tender } from "./api-types";

export function Tenders({ order, unit }: { order: Order; unit: Unit }) {
  return (
    <ul class="tenders">
      {order.rounding_minor !== 0 && (
        <li class="split quiet">
          {t("office.rounding")}
          <Amount minor={order.rounding_minor} unit={unit} bare />
        </li>
      )}
      {order.tenders.map((tender, index) => (
        <li key={index}>
          <p class="split">
            <span class="tender-kind">
              <Icon name={tender.kind} />
              {t(tender.kind === "cash" ? "office.cash" : "office.card")}
            </span>
            <Amount minor={tender.amount_minor} unit={unit} bare />
          </p>
          <TenderMore tender={tender} unit={unit} />
        </li>
      ))}
    </ul>
  );
}

function TenderMore({ tender, unit }: { tender: Tender; unit: Unit }) {
  if (tender.kind === "card") {
    return (
      <p class="quiet">
        {t("office.reference")} <bdi>{tender.reference}</bdi>
      </p>
    );
  }
  return (
    <p class="quiet">
      {t("office.given")} <Amount minor={tender.tendered_minor} unit={unit} bare /> · {t("office.change")}{" "}
      <Amount minor={tender.change_minor} unit={unit} bare />
    </p>
  );
}
