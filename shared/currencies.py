"""How many decimals a currency has, and the smallest cash that a shop there gives back.

Source: Unicode CLDR 47 supplemental currency data (Unicode licence v3); cash rules of the countries as public facts.
"""

from dataclasses import dataclass

from shared.money import divide_half_up

# Only what differs from two decimals.
EXPONENTS = {
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KMF": 0,
    "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0,
    "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CashRule:
    """How an amount to pay becomes an amount that coins can pay."""

    increment_minor: int  # smallest cash in minor units; 1 where coins reach down to the minor unit
    always_down: bool = False  # in the customer's favour, else to the nearest, halves up

    def payable_minor(self, minor: int) -> int:
        """Return what is paid in cash for an amount of `minor` units."""
        if self.always_down:
            return minor // self.increment_minor * self.increment_minor
        return divide_half_up(minor, self.increment_minor) * self.increment_minor

    def returnable_minor(self, minor: int) -> int:
        """Return what is given back in cash for an amount of `minor` units: what favours the customer stays so."""
        if self.always_down:
            return -(-minor // self.increment_minor) * self.increment_minor
        return self.payable_minor(minor)


EXACT_CASH = CashRule(increment_minor=1)
FIVE, TEN, FIFTY, HUNDRED = CashRule(5), CashRule(10), CashRule(50), CashRule(100)

CASH_RULES = {
    ("AU", "AUD"): FIVE, ("BE", "EUR"): FIVE, ("CA", "CAD"): FIVE, ("CH", "CHF"): FIVE, ("CZ", "CZK"): HUNDRED,
    ("DK", "DKK"): FIFTY, ("EE", "EUR"): FIVE, ("FI", "EUR"): FIVE, ("HU", "HUF"): CashRule(500), ("IE", "EUR"): FIVE,
    ("IL", "ILS"): TEN, ("IN", "INR"): HUNDRED, ("IT", "EUR"): FIVE, ("LT", "EUR"): FIVE, ("MY", "MYR"): FIVE,
    ("NL", "EUR"): FIVE, ("NO", "NOK"): HUNDRED, ("NZ", "NZD"): TEN, ("SE", "SEK"): HUNDRED, ("SG", "SGD"): FIVE,
    ("SK", "EUR"): FIVE, ("ZA", "ZAR"): CashRule(10, always_down=True),
}  # fmt: skip


def exponent(currency: str) -> int:
    """Return how many decimals separate the currency's main unit from its smallest."""
    return EXPONENTS.get(currency, 2)


def cash_rule(country: str, currency: str) -> CashRule:
    """Return how cash is rounded where the store stands; rounding belongs to the country, not to the currency."""
    return CASH_RULES.get((country, currency), EXACT_CASH)


def plain(minor: int, currency: str) -> str:
    """Write an amount with its decimals and nothing else: "-12.50", "1200" for yen."""
    digits = exponent(currency)
    sign = "-" if minor < 0 else ""
    if digits == 0:
        return f"{sign}{abs(minor)}"
    main, rest = divmod(abs(minor), 10**digits)
    return f"{sign}{main}.{rest:0{digits}d}"
