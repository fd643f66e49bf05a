import { Amount } from "../../../shared/screens/src/amount";
import { t } from "../../../shared/screens/src/messages";
import type { Product } from "./api-types";
import { unit } from "./lane";

interface Props {
  products: Product[] | null;
  onPick: (product: Product) => void;
  onMore: (() => void) | null;
}

export function ProductList({ products, onPick, onMore }: Props) {
  if (products === null) return <p class="pick-list pick-none">{t("screen.loading")}</p>;
  if (products.length === 0) return <p class="pick-list pick-none">{t("kiosk.nothing_found")}</p>;
  return (
    <ul class="pick-list">
      {products.map((product) => (
        <li key={product.sku}>
          <button
            type="button"
            class="button product"
            data-testid="product"
            data-sku={product.sku}
            disabled={product.price_minor === null}
            onClick={() => onPick(product)}
          >
            <span class="product-name">
              <bdi>{product.name}</bdi>
            </span>
            {product.price_minor === null ? (
              <span>{t("kiosk.no_price")}</span>
            ) : (
              <Amount minor={product.price_minor} unit={unit.value} class="product-price" />
            )}
          </button>
        </li>
      ))}
      {onMore !== null && (
        <li class="pick-more">
          <button type="button" class="button" onClick={onMore}>
            {t("screen.more")}
          </button>
        </li>
      )}
    </ul>
  );
}
