import { read, send } from "../../../shared/screens/src/api";
import type { Receipt } from "../../../shared/screens/src/receipt-types";
import type { BasketView, Campaign, Discount, Gift, PaidOrder, ParkedBasket, Payment, ProductPage } from "./api-types";
import { takeBasket, takeParked } from "./lane";
import { tellProblem } from "./notices";

const PAGE = 30;

export async function scan(code: string): Promise<void> {
  takeBasket(await send<BasketView>("POST", "/api/lanes/kiosk/scans", { code }));
}

export async function pick(sku: string): Promise<void> {
  takeBasket(await send<BasketView>("POST", "/api/lanes/kiosk/picks", { sku }));
}

export async function setQuantity(basketId: string, line: number, quantity: number): Promise<void> {
  takeBasket(await send<BasketView>("PUT", `/api/baskets/${basketId}/lines/${line}`, { quantity }));
}

export async function startOver(basketId: string): Promise<void> {
  await send("DELETE", `/api/baskets/${basketId}`);
}

/** Let the basket wait under a code, for another till. */
export async function park(basketId: string): Promise<void> {
  takeParked(await send<ParkedBasket>("POST", `/api/baskets/${basketId}/parking`));
}

/** Go on here with a basket that waits anywhere in the store. */
export async function goOn(code: string): Promise<void> {
  takeBasket(await send<BasketView>("POST", "/api/lanes/kiosk/continued", { code }));
}

export async function removeCoupon(basketId: string, campaign: string): Promise<void> {
  takeBasket(await send<BasketView>("DELETE", `/api/baskets/${basketId}/coupons/${encodeURIComponent(campaign)}`));
}

export async function removeDonation(basketId: string): Promise<void> {
  takeBasket(await send<BasketView>("DELETE", `/api/baskets/${basketId}/donation`));
}

export async function readDonations(): Promise<Campaign[]> {
  return (await read<{ donations: Campaign[] }>("/api/donations")).donations;
}

export async function setDonation(basketId: string, gift: Gift): Promise<void> {
  takeBasket(await send<BasketView>("PUT", `/api/baskets/${basketId}/donation`, gift));
}

export async function giveDiscount(basketId: string, discount: Discount, key: string): Promise<void> {
  takeBasket(await send<BasketView>("POST", `/api/baskets/${basketId}/operator-discounts`, discount, { key }));
}

export async function removeDiscount(basketId: string, id: string, key: string): Promise<void> {
  const path = `/api/baskets/${basketId}/operator-discounts/${encodeURIComponent(id)}`;
  takeBasket(await send<BasketView>("DELETE", path, undefined, { key }));
}

/** Pay the total that the shopper sees; another one is refused. */
export function checkout(basket: BasketView, tender: Payment, intent: string): Promise<PaidOrder> {
  const body = { tender, total_minor: basket.total_minor };
  return send<PaidOrder>("POST", `/api/baskets/${basket.id}/checkout`, body, { intent });
}

export function findProducts(query: string, cursor: string | null, signal: AbortSignal): Promise<ProductPage> {
  const asked = new URLSearchParams({ query, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  return read<ProductPage>(`/api/products?${asked}`, signal);
}

export function readReceipt(orderId: string): Promise<Receipt> {
  return read<Receipt>(`/api/orders/${orderId}/receipt`);
}

export function printCopy(orderId: string): Promise<void> {
  return send("POST", `/api/orders/${orderId}/copies`, {});
}

/** Do something whose refusal is told as a notice. */
export function attempt(act: Promise<void>): void {
  act.catch(tellProblem);
}
