"""Check digits of GS1 numbers.

Source: GS1 General Specifications, sections 7.9.1 (mod 10), 7.9.3 (price and weight) and 7.9.5 (check character pair).
"""

from shared.barcodes.characters import CSET_32, CSET_82

# A digit is multiplied by the first number; the second says whether the tens of the product are added to its units.
TWO_MINUS, THREE, FIVE_PLUS, FIVE_MINUS = (2, -1), (3, 0), (5, 1), (5, -1)
FOUR_DIGITS = (TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS)
FIVE_DIGITS = (FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS)

# One for each character that may stand in front of a check pair, beginning with the last.
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)


def check_digit(digits: str) -> str:
    """Return the GS1 check digit that belongs behind `digits`."""
    return str(-(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10)


def has_check_digit(digits: str) -> bool:
    """Return whether the last digit is the check digit of those before it."""
    return check_digit(digits[:-1]) == digits[-1]


def inner_check_digit(value: str) -> str:
    """Return the check digit of a price or weight of four or five digits, as it stands in a scale's label."""
    if len(value) == len(FOUR_DIGITS):
        return str(3 * _sum(value, FOUR_DIGITS) % 10)
    rest = -_sum(value, FIVE_DIGITS) % 10
    return next(str(digit) for digit in range(10) if _product(digit, FIVE_MINUS) == rest)


def _sum(value: str, weights: tuple[tuple[int, int], ...]) -> int:
    return sum(_product(int(digit), weight) for digit, weight in zip(value, weights, strict=True))


def _product(digit: int, weight: tuple[int, int]) -> int:
    factor, sign = weight
    return (digit * factor + sign * (digit * factor // 10)) % 10


def check_pair(text: str) -> str:
    """Return the two check characters that belong behind `text` (at most 23 characters of CSET 82)."""
    weighted = sum(CSET_82.index(character) * prime for character, prime in zip(reversed(text), PRIMES, strict=False))
    high, low = divmod(weighted % 1021, 32)
    return CSET_32[high] + CSET_32[low]
