import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../../shared/screens/src/api";
import { Dialog } from "../../../shared/screens/src/dialog";
import { Icon } from "../../../shared/screens/src/icons";
import { t } from "../../../shared/screens/src/messages";
import { ProblemAlert } from "../../../shared/screens/src/problem";
import { findProducts, pick } from "./actions";
import type { Product } from "./api-types";
import { Keyboard } from "./keyboard";
import { ProductList } from "./product-list";
import { close } from "./view";

const SETTLE_MS = 150;

/** Find something without a barcode by its name. */
export function PickDialog() {
  const [query, setQuery] = useState("");
  const [products, setProducts] = useState<Product[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const asking = useRef(new AbortController());

  async function find(cursor: string | null): Promise<void> {
    asking.current.abort();
    asking.current = new AbortController();
    try {
      const page = await findProducts(query.trim(), cursor, asking.current.signal);
      setProducts((before) => (cursor === null ? page.products : [...(before ?? []), ...page.products]));
      setNext(page.next);
      setProblem(null);
    } catch (error) {
      if (error instanceof Problem) setProblem(error);
    }
  }

  useEffect(() => {
    const timer = setTimeout(() => void find(null), products === null ? 0 : SETTLE_MS);
    return () => clearTimeout(timer);
  }, [query]);

  useEffect(() => field.current?.focus(), []);

  async function choose(product: Product): Promise<void> {
    try {
      await pick(product.sku);
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      setProblem(error);
    }
  }

  return (
    <Dialog title={t("kiosk.pick")} onClose={close} class="dialog-pick">
      <div class="pick-field">
        <Icon name="search" />
        <input
          ref={field}
          class="field"
          type="search"
          dir="auto"
          inputMode={matchMedia("(max-width: 600px)").matches ? "search" : "none"}
          autocomplete="off"
          spellcheck={false}
          aria-label={t("kiosk.search")}
          placeholder={t("kiosk.search")}
          data-testid="pick-search"
          value={query}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </div>
      {problem !== null && <ProblemAlert problem={problem} />}
      <ProductList
        products={products}
        onPick={(product) => void choose(product)}
        onMore={next === null ? null : () => void find(next)}
      />
      <Keyboard onKey={(key) => setQuery((before) => (key === "" ? before.slice(0, -1) : before + key))} />
    </Dialog>
  );
}
