"""What an installer does on the first day, through the public doors and nothing else."""

from dataclasses import dataclass
from typing import Any

import httpx2

from edge.demo import baskets

STORE = {
    "code": "LON1",
    "name": "Bright & Sons Gifts",
    "address": ["12 Lamb's Conduit Street", "London WC1N 3LE"],
    "country": "GB",
    "currency": "GBP",
    "timezone": "Europe/London",
    "retailer": "gift_shop",
}
IMPORT_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Office:
    """Head office as the demo's people know it."""

    key: str
    enrolment_code: str


@dataclass(frozen=True)
class Doors:
    """Head office's doors, opened with one key."""

    http: httpx2.AsyncClient
    key: str

    async def call(self, method: str, path: str, body: Any) -> Any:
        """Send JSON, or CSV if `body` is bytes; return the answer. Raises httpx2.HTTPStatusError."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if isinstance(body, bytes):
            headers["Content-Type"] = "text/csv"
            response = await self.http.request(method, path, content=body, headers=headers)
        else:
            response = await self.http.request(method, path, json=body, headers=headers)
        response.raise_for_status()
        return response.json()


async def set_up(url: str, operator_key: str) -> Office:
    """Create the tenant, its store and its node; import the catalogue and the promotions."""
    async with httpx2.AsyncClient(base_url=url, timeout=IMPORT_TIMEOUT_S, trust_env=False) as http:
        tenant = await Doors(http, operator_key).call("POST", "/api/tenants", {"name": STORE["name"]})
        office = Doors(http, tenant["key"])
        store = await office.call("POST", "/api/stores", STORE)
        node = await office.call("POST", f"/api/stores/{store['id']}/nodes", {"name": "kiosk-1", "series": "L1K1"})
        query = f"?currency={STORE['currency']}&retailer={STORE['retailer']}"
        await office.call("POST", f"/api/catalogue/imports{query}", baskets.products_csv())
        await office.call("PUT", "/api/promotions", {"promotions": baskets.promotions()})
    return Office(tenant["key"], node["enrolment_code"])
