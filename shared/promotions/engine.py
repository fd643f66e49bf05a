"""The greatest discount on a basket, exactly, and why.

Layers run in ascending order, each on what the earlier ones left. Inside a layer every unit is consumed by at most one
promotion and the exact discount is maximal; rounding comes afterwards. A promotion that stands alone is tried against
all others together. Everything is a plain function of its arguments: neither the order of lines nor that of promotions
changes the result, and edge and cloud come to the same bytes.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.promotions.evaluation import Application, Evaluation, Refusal, Route
from shared.promotions.gate import NOWHERE, Context, Shut
from shared.promotions.layer import LayerResult, Reasoned, run_layer
from shared.promotions.pack import Known, Pack
from shared.promotions.reward import WHOLE
from shared.promotions.shelf import Line, fill
from shared.promotions.solver.columns import Guard

WORK_MAX = 24_000  # of one evaluation; some 200 ms on a large machine
ALONE_LINES_MAX = 12_000  # on which promotions that stand alone are tried, one after the other; as long again


@dataclass(slots=True)
class _Result:
    """What one set of promotions came to."""

    layers: list[LayerResult] = field(default_factory=list)

    @property
    def applications(self) -> list[Application]:
        return [use for layer in self.layers for use in layer.applications]

    @property
    def discount_minor(self) -> int:
        return sum(use.discount_minor for use in self.applications)

    @property
    def gap(self) -> int:
        """What may be missing, in ten-thousandths of a minor unit."""
        return sum(layer.gap for layer in self.layers)

    @property
    def standing(self) -> tuple[int, int, list[int]]:
        """Greater is better: the discount, then fewer applications, then who stands first."""
        uses = self.applications
        places = [-place for layer in self.layers for place in layer.places]
        return self.discount_minor, -sum(use.times for use in uses), places


def evaluate(lines: Sequence[Line], pack: Pack, around: Context = NOWHERE) -> Evaluation:
    """Return the greatest discount that the pack's promotions allow on these lines, with its log.

    Raises nothing: a promotion that cannot do anything is a refusal in the log.
    """
    known = {line.number: pack.known(line, around.coupons) for line in lines}
    places = sorted({place for product in known.values() for place, _ in product.everybody})
    shut = {place: pack.promotions[place].gate.shut(pack.promotions[place].id, around) for place in places}
    open_places = [place for place in places if shut[place] is None]
    alone = [place for place in open_places if pack.promotions[place].exclusive == "basket"]
    together = [place for place in open_places if pack.promotions[place].exclusive != "basket"]
    guard = Guard(WORK_MAX)
    rivals = [(together, _run(lines, pack, known, together, guard))]
    lines_left = ALONE_LINES_MAX
    untried = 0  # the most that one could take off which was not tried
    for place, its_lines in _lines_of(alone, lines, known).items():
        # One that could not win with everything it knows given away need not be asked.
        worth_minor = sum(line.quantity * line.unit_price_minor for line in its_lines)
        if worth_minor <= rivals[0][1].discount_minor:
            continue
        if lines_left < len(its_lines):
            untried = max(untried, worth_minor)
            continue
        lines_left -= len(its_lines)
        rivals.append(([place], _run(its_lines, pack, known, [place], guard)))
    chosen, best = max(rivals, key=lambda rival: rival[1].standing)  # the first of equal ones
    # One that lost without a proof might have won, and so might one that was not tried.
    gap = max(rival.gap and rival.gap + (rival.discount_minor - best.discount_minor) * WHOLE for _, rival in rivals)
    gap = max(gap, (untried - best.discount_minor) * WHOLE if untried else 0)
    routes: list[Route] = [layer.route for layer in best.layers]
    if untried > best.discount_minor:
        routes.append("guard")
    refusals = _refusals(pack, known, shut, set(chosen), best)
    return Evaluation.model_construct(
        pack_version=pack.version,
        at=around.now.isoformat() if around.now else None,
        coupons=tuple(sorted(around.coupons)),
        member_tags=tuple(sorted(around.member_tags)),
        store=around.store,
        channel=around.channel,
        uses=_counted(pack, places, around.uses),
        uses_total=_counted(pack, places, around.uses_total),
        route=max(routes, key=_ROUTES.index, default="closed form"),
        proven=gap <= 0,
        gap=max(gap, 0),
        applications=tuple(best.applications),
        refusals=tuple(refusals),
    )


_ROUTES: list[Route] = ["closed form", "search", "guard"]


def _counted(pack: Pack, places: Sequence[int], uses: Mapping[str, int]) -> dict[str, int]:
    """Return the uses that could have shut a gate here."""
    ids = (pack.promotions[place].id for place in places)
    return {promotion_id: uses[promotion_id] for promotion_id in ids if uses.get(promotion_id)} if uses else {}


def _lines_of(places: Sequence[int], lines: Sequence[Line], known: dict[int, Known]) -> dict[int, list[Line]]:
    """Return the lines that each of these promotions knows, all found in one pass."""
    found: dict[int, list[Line]] = {place: [] for place in places}
    for line in lines:
        for place in {taker[0] for taker in known[line.number].everybody}:
            if place in found:
                found[place].append(line)
    return found


def _run(lines: Sequence[Line], pack: Pack, known: dict[int, Known], places: Sequence[int], guard: Guard) -> _Result:
    shelf = fill(lines)
    result = _Result()
    layers: dict[int, set[int]] = {}
    for place in places:
        layers.setdefault(pack.promotions[place].layer, set()).add(place)
    for layer in sorted(layers):
        result.layers.append(run_layer(shelf, pack, known, layers[layer], guard))
    return result


def _refusals(
    pack: Pack,
    known: dict[int, Known],
    shut: dict[int, Shut | None],
    chosen: set[int],
    best: _Result,
) -> list[Refusal]:
    """Say of each promotion that knows a line of the basket why it did nothing."""
    applied = {place for layer in best.layers for place in layer.places}
    reasons = {place: reasoned for layer in best.layers for place, reasoned in layer.reasons.items()}
    lines = _lines_by_place(known)
    promotions = pack.promotions
    refusals = []
    for place in sorted(shut.keys() - applied, key=lambda place: (promotions[place].layer, place)):
        promotion, gate = promotions[place], shut[place]
        why = reasons[place] if gate is None and place in chosen else Reasoned("exclusive")
        refusals.append(
            Refusal(
                promotion_id=promotion.id,
                name=promotion.title,
                reason=gate or why.reason,
                line_numbers=tuple(lines.get(place, ())),
                missing_quantity=why.missing_quantity,
                missing_minor=why.missing_minor,
                taken_by=why.taken_by,
            )
        )
    return refusals


def _lines_by_place(known: dict[int, Known]) -> dict[int, list[int]]:
    """Return where each promotion could do something, lines that it only measures left out."""
    lines: dict[int, list[int]] = defaultdict(list)
    for number in sorted(known):
        for place in known[number].places:
            lines[place].append(number)
    return lines
