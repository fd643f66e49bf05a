import { Amount } from "../../../shared/screens/src/amount";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { attempt, removeCoupon, removeDiscount, removeDonation } from "./actions";
import type { BasketView } from "./api-types";
import { unit } from "./lane";
import { tellProblem } from "./notices";
import { staff } from "./staff";

/** What is in a basket besides goods: coupons, what the staff took off, what is given away. */
export function Extras({ basket }: { basket: BasketView }) {
  return (
    <>
      {basket.coupons.map((coupon) => (
        <Extra
          key={coupon.campaign}
          name={coupon.name}
          note={coupon.discount_minor === 0 ? t("kiosk.coupon_idle") : null}
          minor={-coupon.discount_minor}
          onRemove={() => removeCoupon(basket.id, coupon.campaign).catch(tellProblem)}
        />
      ))}
      {basket.operator_discounts.map((discount) => (
        <Extra key={discount.id} name={discount.reason} note={t("kiosk.from_staff")} minor={-discount.discount_minor}
          {...(staff.value === null ? {} : { onRemove: takeOff(basket.id, discount.id, staff.value.key) })} />
      ))}
      {basket.donation !== null && (
        <Extra
          name={basket.donation.name}
          note={t("kiosk.donation")}
          minor={basket.donation.minor}
          onRemove={() => removeDonation(basket.id).catch(tellProblem)}
        />
      )}
    </>
  );
}

function takeOff(basketId: string, discountId: string, key: string): () => void {
  return () => attempt(removeDiscount(basketId, discountId, key));
}

export function hasExtras(basket: BasketView): boolean {
  return basket.coupons.length > 0 || basket.operator_discounts.length > 0 || basket.donation !== null;
}

function Extra({ name, note, minor, onRemove }: { name: string; note: string | null; minor: number; onRemove?: () => void }) {
  return (
    <li class="line extra" data-testid="extra">
      <div class="line-what">
        <p class="line-name">
          <bdi>{name}</bdi>
        </p>
        {note !== null && <span class="line-each">{note}</span>}
        {minor < 0 && (
          // The lines say what each of them costs now, so this is no amount of its own.
          <span class="saving-note">
            <Icon name="saving" />
            <Amount minor={minor} unit={unit.value} bare />
          </span>
        )}
      </div>
      <div class="stepper">
        {onRemove && (
          <button type="button" class="button" aria-label={t("kiosk.remove", { name })} onClick={onRemove}>
            <Icon name="remove" />
          </button>
        )}
      </div>
      <p class="line-price">{minor > 0 && <Amount minor={minor} unit={unit.value} bare />}</p>
    </li>
  );
}
