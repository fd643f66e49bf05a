"""What every model of ours has in common, and the text fields with their bounds."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints


class Strict(BaseModel):
    """A frozen value; unknown fields, lax conversions, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Tolerant(Strict):
    """The same, but fields that it does not know are passed over: a newer head office may send them."""

    model_config = ConfigDict(extra="ignore")


# A name or title that people read; 200 is the longest product name of the catalogues we studied, doubled.
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# A short name for machines: sku, tag, tax class, promotion id.
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\s\x00-\x1f]+( [^\s\x00-\x1f]+)*$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]  # a UUID as text
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
# JSON numbers beyond 2**53 lose digits in browsers; no honest amount comes near.
Minor = Annotated[int, Field(ge=-(10**13), le=10**13)]
MinorFromZero = Annotated[int, Field(ge=0, le=10**13)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000)]  # 2000 is 20 %


def in_our_time(moment: datetime) -> datetime:
    """Refuse moments that no clock shows; keep the others in UTC, so that they compare and store alike."""
    if not 1970 <= moment.year <= 9000 or moment.timestamp() < 0:
        raise ValueError("not a moment between 1970 and 9000")
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(in_our_time)]  # 1970 too: a box without battery starts there

# JSON numbers beyond this are not exact in browsers.
Count = Annotated[int, Field(ge=0, le=2**53)]
# A shopper who needs more than 9,999 of one thing is a typing error.
QUANTITY_MAX = 9_999
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
