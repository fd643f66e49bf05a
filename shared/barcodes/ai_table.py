"""GS1 application identifiers (AIs): what their values hold and which others they need or exclude.

Source: GS1 General Specifications, section 3, and GS1 Digital Link: URI Syntax, for keys and their qualifiers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

# One row: AIs, parts of the value, and behind words: what the AI needs beside it (one of the groups), what it excludes,
# and, for the keys of web addresses, the qualifiers that may follow (alternatives behind a bar).
# AIs: 310n stands for one AI for each number of decimals, and excludes itself with another one.
# A part: N digits, X characters of CSET 82, Y of CSET 39, Z of base 64; a length, or .. and the longest; rules of
# `ai_content`. Parts in brackets may be left out.
ROWS = """
00                       N18:check                        key
01                       N14:check                        not 255 37 key 22 10 21|235
02                       N14:check                        needs 37 not 01 03
03                       N14:check                        not 01 02 37 235
10                       X..20                            needs 01 02 03 8006 8026
11,13,15,16              N6:date0                         needs 01 02 03 8006 8026
12                       N6:date0                         needs 8020
17                       N6:date0                         needs 01 02 03 255 8006 8026
20                       N2                               needs 01 02 03 8006 8026
21                       X..20                            needs 01 03 8006 not 235
22                       X..20                            needs 01
235                      X..28                            needs 01
240,241                  X..30                            needs 01 02 03 8006 8026
242                      N..6                             needs 01 02 8006 8026
243                      X..20                            needs 01 03
250                      X..30                            needs 01+21 03+21 8006+21
251                      X..30                            needs 01 03 8006
253                      N13:check [X..17]                key
254                      X..20                            needs 414
255                      N13:check [N..12]                not 01 02 415 8006 8020 8026 key
30                       N..8                             needs 01 02
310n-316n,320n-329n      N6                               needs 01 02
330n-336n,340n-349n      N6                               needs 00 01
337n                     N6                               needs 01
350n-352n,356n,357n      N6                               needs 01 02
353n-355n                N6                               needs 00 01
360n,361n,364n-366n      N6                               needs 01 02
362n,363n,367n-369n      N6                               needs 00 01
37                       N..8                             needs 00+02 00+8026
390n                     N..15                            needs 255 8020 not 391n 394n 8111
391n                     N3:currency N..15                needs 8020
392n                     N..15                            needs 01+30 01+31nn 01+32nn 01+35nn 01+36nn not 393n
393n                     N3:currency N..15                needs 30 31nn 32nn 35nn 36nn
394n                     N4                               needs 255 not 8111
395n                     N6                               needs 30 31nn 32nn 35nn 36nn not 392n 393n 8005
400                      X..30
401                      X..30:prefix                     key
402                      N17:check                        key
403                      X..30                            needs 00
410-413,416              N13:check
414                      N13:check                        key 254|7040
415                      N13:check                        needs 8020 key 8020
417                      N13:check                        key 7040
420                      X..20                            not 421
421                      N3:country X..9                  not 4307
422                      N3:country                       needs 01 02 03 8006 8026 not 426
423,425                  N3:country [N3:country] [N3:country] [N3:country] [N3:country] needs 01 02 03 not 426
424                      N3:country                       needs 01 02 03 not 426
426                      N3:country                       needs 01 02 03
427                      X..3                             needs 01+422 02+422 03+422
4300,4301,4310,4311,4320 X..35:percent                    needs 00
4302,4304-4306           X..70:percent                    needs 00
4312,4314-4316           X..70:percent                    needs 00
4303                     X..70:percent                    needs 4302
4313                     X..70:percent                    needs 4312
4307,4317                X2:country_letters               needs 00
4308,4319                X..30                            needs 00
4309                     N10:latitude N10:longitude       needs 00
4318                     X..20                            needs 00
4321-4323                N1:yes_or_no                     needs 00
4324,4325                N6:date0 N4:time                 needs 00
4326                     N6:date                          needs 00
4330                     N6 [X1:minus]                    needs 00 not 4331
4331                     N6 [X1:minus]                    needs 00 not 4330
4332                     N6 [X1:minus]                    needs 00 not 4333
4333                     N6 [X1:minus]                    needs 00 not 4332
7001                     N13                              needs 01 02 8006 8026
7002                     X..30                            needs 01 02
7003                     N6:date N4:time                  needs 01 02 03
7004                     N..4                             needs 01+10 03+10
7005                     X..12                            needs 01 02
7006                     N6:date                          needs 01 02
7007                     N6:date [N6:date]                needs 01 02
7008                     X..3                             needs 01 02
7009                     X..10                            needs 01 02
7010                     X..2                             needs 01 02 03
7011                     N6:date [N4:time]                needs 01 02 03
7020                     X..20                            needs 01+416 03+416 8006+416
7021                     X..20                            needs 01 03 8006
7022                     X..20                            needs 01+7021 03+7021 8006+7021
7023                     X..30:prefix
7030-7039                N3:country_or_many X..27         needs 01 02
7040                     N1 X1 X1 X1:importer
7041                     X..4:package                     needs 00
710-717                  X..20                            needs 01
7230-7239                X2 X..28                         needs 01 8004
7240                     X..20                            needs 01 8006 not 03
7241                     N2:medium                        needs 8017 8018
7242                     X..25                            needs 8017 8018
7250                     N8:whole_date                    needs 8018 not 7251
7251                     N8:whole_date N4:time            needs 8018 not 7250
7252                     N1:sex                           needs 8018
7253,7254                X..40:percent                    needs 8017 8018 not 7256 7259
7255                     X..10                            needs 8017 8018 not 7256 7259
7256                     X..90:percent                    needs 8017 8018
7257                     X..70:percent                    needs 8018
7258                     X3:place_of_total                needs 8018+7259
7259                     X..40:percent                    needs 8018 not 7256
8001                     N4:above_zero N5:above_zero N3:above_zero N1:winding N1 needs 01
8002                     X..20
8003                     N1:zero N13:check [X..16]        key
8004                     X..30:prefix                     key 7040
8005                     N6                               needs 01 02
8006                     N14:check N4:piece_of_total      not 01 03 37 key 22 10 21
8007                     X..34:iban                       needs 415
8008                     N6:date N2:hour [N2:sixtieth] [N2:sixtieth] needs 01 02 03
8009                     X..50                            needs 00 01 03
8010                     Y..30:prefix                     key 8011
8011                     N..12:not_zero_first             needs 8010
8012                     X..20                            needs 01 03 8006
8013                     X..25:check_pair:prefix          key
8014                     X..25:check_pair:prefix:letter   needs 01
8017                     N18:check                        not 8018 key 8019
8018                     N18:check                        not 8017 key 8019
8019                     N..10                            needs 8017 8018
8020                     X..25                            needs 415
8026                     N14:check N4:piece_of_total      needs 37 not 02 03 8006
8030                     Z..90:padding     needs 00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018
8040                     N15                              needs 01+21
8041                     N15                              needs 01+21+8040
8042                     N32                              needs 01+21+8040
8043                     N18 [N..2]                       needs 01+21+8040
8110                     X..70:coupon
8111                     N4                               needs 255
8112                     X..70:coupon_offer
8200                     X..70                            needs 01
90                       X..30
91-99                    X..90
"""

DECIMALS_MAX = {"390": 9, "391": 9, "392": 9, "393": 9, "394": 3}  # of an AI that ends in n; else five
# A value of these needs no separator behind it, whatever follows (General Specifications, figure 7.8.5-2).
PREDEFINED = re.compile("0[0-4]|1[1-9]|20|3[1-6]|41")
# What a web address may not say behind its question mark.
NO_ATTRIBUTES = re.compile("03|2[12]|235|254|704[01]|801[149]|8020|804[0-3]|8200")
# What trade items are named by, as themselves or as the contents of something.
GTINS = frozenset({"01", "02", "03", "8006", "8026"})

PART = re.compile(r"(\[?)([NXYZ])(\.\.)?(\d+)((?::\w+)*)\]?")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a value."""

    characters: str  # N, X, Y or Z
    shortest: int
    longest: int
    is_optional: bool
    rules: tuple[str, ...]  # names of functions in `ai_content`


@dataclass(frozen=True, slots=True)
class Identifier:
    """One application identifier."""

    ai: str
    parts: tuple[Part, ...]
    needs: tuple[tuple[str, ...], ...]  # groups of AI patterns; one group must be whole
    excludes: tuple[str, ...]  # AI patterns
    qualifiers: tuple[tuple[str, ...], ...] | None  # alternatives, each in order; None when it is no key

    @property
    def longest(self) -> int:
        return sum(part.longest for part in self.parts)

    @property
    def is_predefined(self) -> bool:
        """Whether the value's length is known by everybody, so that no separator is needed."""
        return bool(PREDEFINED.match(self.ai))

    @property
    def is_key(self) -> bool:
        """Whether a web address may begin with it."""
        return self.qualifiers is not None

    @property
    def is_attribute(self) -> bool:
        """Whether it may stand behind the question mark of a web address."""
        return NO_ATTRIBUTES.fullmatch(self.ai) is None


@cache
def identifiers() -> dict[str, Identifier]:
    """Return every application identifier by its digits."""
    return {found.ai: found for row in ROWS.strip().splitlines() for found in _read(row)}


def find(text: str, start: int = 0) -> Identifier | None:
    """Return the application identifier that stands at a place in a text; none is the beginning of another."""
    known = identifiers()
    return next((known[ai] for length in (2, 3, 4) if (ai := text[start : start + length]) in known), None)


def matches(pattern: str, ai: str) -> bool:
    """Return whether an AI is meant by a pattern such as 310n or 31nn."""
    return len(pattern) == len(ai) and ai.startswith(pattern.rstrip("n"))


def _read(row: str) -> Iterator[Identifier]:
    names, *words = row.split()
    heads: dict[str, list[str]] = {"parts": [], "needs": [], "not": [], "key": []}
    current = heads["parts"]
    is_key = "key" in words
    for word in words:
        if word in heads:
            current = heads[word]
        else:
            current.append(word)
    qualifiers = tuple(tuple(one.split()) for one in " ".join(heads["key"]).split("|")) if is_key else None
    for ai, own_family in _expanded(names):
        yield Identifier(
            ai,
            tuple(_part(text) for text in heads["parts"]),
            tuple(tuple(group.split("+")) for group in heads["needs"]),
            tuple(heads["not"]) + own_family,
            qualifiers,
        )


def _expanded(names: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (ai, the family that it excludes)."""
    for name in names.split(","):
        first, _, last = name.partition("-")
        width = len(first.rstrip("n"))
        for number in range(int(first[:width]), int((last or first)[:width]) + 1):
            stem = str(number).zfill(width)
            if not first.endswith("n"):
                yield stem, ()
                continue
            for decimals in range(DECIMALS_MAX.get(stem, 5) + 1):
                yield f"{stem}{decimals}", (f"{stem}n",)


def _part(text: str) -> Part:
    match = PART.fullmatch(text)
    assert match, text
    bracket, characters, dots, length, rules = match.groups()
    longest = int(length)
    return Part(characters, 1 if dots else longest, longest, bool(bracket), tuple(rules.split(":")[1:]))
