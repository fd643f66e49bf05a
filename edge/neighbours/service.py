"""Keeping a neighbour's entries until head office has them."""

from collections.abc import Mapping

from edge import journal
from edge.database import Transaction
from edge.fleet.models import Identity
from edge.neighbours import storage
from edge.neighbours.models import Company, Kept, NeighboursView, NeighbourView
from shared.errors import Unavailable
from shared.protocol import batch
from shared.protocol.enrolment import BadCertificate, read_certificate
from shared.protocol.neighbours import Copy, Neighbour, NeighbourReturn, NotANeighbour, sign_acknowledged

ENTRIES_MAX = 100_000  # of one neighbour: a busy box's month without a line
FREE_BYTES_MIN = 200_000_000  # on this box's disk: its own sales come before copies of others'


class TooManyCopies(Unavailable):
    """This box keeps as many copies of {name} as it may."""

    hint = "Mend the line to head office; the box itself still has everything."


class NoRoomForCopies(Unavailable):
    """The disk of this box is nearly full, and what is left is for its own sales."""

    hint = "Free space on the data partition; copies are kept again by themselves."


def neighbour(neighbours: Mapping[str, Neighbour], me: str, node_id: str) -> Neighbour:
    """Return another node of this store. me: this one. Raises NotANeighbour."""
    found = neighbours.get(node_id)
    if found is None or node_id == me:
        raise NotANeighbour
    return found


def keep(tx: Transaction, copy: Copy, neighbour: Neighbour, signing_key: str | None) -> int:
    """Keep what a neighbour wrote, and forget what head office has; returns the last entry that is held here.

    copy: verified. A repeat changes nothing, whatever stands in it; one that would leave a gap is not taken, and the
    answer tells where to go on. signing_key: head office's, if it is known here. Raises TooManyCopies, NotANeighbour.
    """
    is_signed = copy.acknowledged_signature is not None
    demand_dated(tx, copy.node_id, is_dated=is_signed)
    if copy.certificate is not None and signing_key is not None:
        _keep_certificate(tx, copy.certificate, neighbour, signing_key)
    newest_first, held = storage.newest(tx, copy.node_id) or (0, 0)
    is_repeat = copy.batch.last_seq <= held or copy.batch.first_seq <= newest_first
    if is_repeat:
        return held
    if is_signed:
        storage.drop(tx, copy.node_id, copy.acknowledged_seq)
    if copy.batch.first_seq > max(held, copy.acknowledged_seq) + 1:
        return held_seq(tx, copy.node_id)
    if storage.count(tx, copy.node_id) + len(copy.batch.entries) > ENTRIES_MAX:
        raise TooManyCopies(name=neighbour.name)
    storage.add(tx, copy.node_id, copy.batch)
    return copy.batch.last_seq


def _keep_certificate(tx: Transaction, certificate: str, neighbour: Neighbour, signing_key: str) -> None:
    """Keep what head office said of a neighbour; what it did not say of this one is passed over."""
    if storage.certificate(tx, neighbour.id) == certificate:
        return
    try:
        shown = read_certificate(certificate, signing_key)
    except BadCertificate:
        return
    if (shown.node_id, shown.public_key) == (neighbour.id, neighbour.public_key):
        storage.keep_certificate(tx, neighbour.id, certificate)


def proof_of(tx: Transaction, node_id: str) -> NeighbourReturn | None:
    """Return what proves to a head office that forgot a neighbour that it was one; None where that is not here."""
    certificate, kept = storage.certificate(tx, node_id), storage.next_of(tx, node_id)
    return NeighbourReturn(certificate=certificate, batch=kept.batch) if certificate and kept else None


def demand_dated(tx: Transaction, node_id: str, *, is_dated: bool) -> None:
    """Raises NotANeighbour for words that anybody may have repeated, of a node that is known to say better ones.

    A box never goes back to the first version: that would refuse its data.
    """
    if is_dated:
        storage.add_dated(tx, node_id)
    elif storage.is_dated(tx, node_id):
        raise NotANeighbour


def held_seq(tx: Transaction, node_id: str) -> int:
    """Return the last entry of a neighbour that is held here; 0 when there is none."""
    _, seq = storage.newest(tx, node_id) or (0, 0)
    return seq


def copy_for(tx: Transaction, identity: Identity, held: int, nonce: str | None) -> Copy | None:
    """Return what a neighbour that holds our entries up to `held` is to keep next; None when it has all.

    nonce: for the answer; None for a box of the first version.
    """
    acknowledged = journal.acknowledged_seq(tx)
    after_seq = max(held, acknowledged)
    entries = journal.following(tx, after_seq)
    after_hash = journal.hash_at(tx, identity.node_id, after_seq)
    if not entries or after_hash is None:
        return None
    _, _, head = entries[-1]
    signed = batch.sign(
        identity.key,
        identity.node_id,
        after_seq + 1,
        [written for _, written, _ in entries],
        head,
        journal.backlog(tx),
    )
    word = sign_acknowledged(identity.key, identity.node_id, acknowledged, signed.head) if nonce else None
    return Copy(
        node_id=identity.node_id,
        after_hash=after_hash.hex(),
        acknowledged_seq=acknowledged,
        batch=signed,
        acknowledged_signature=word,
        nonce=nonce,
        certificate=identity.enrolled.certificate if nonce else None,
    )


def waiting(tx: Transaction) -> list[tuple[str, int]]:
    """Return node and first entry of the oldest copy of each neighbour."""
    return storage.oldest(tx)


def next_of(tx: Transaction, node_id: str) -> Kept | None:
    """Return the oldest entries of a neighbour that are kept here."""
    return storage.next_of(tx, node_id)


def delivered(tx: Transaction, node_id: str, up_to_seq: int) -> int:
    """Forget what head office has; returns how many batches."""
    return storage.drop(tx, node_id, up_to_seq)


def view(tx: Transaction, neighbours: Mapping[str, Neighbour], company: Company) -> NeighboursView:
    """Return all neighbours, by name, and then those that left copies but have no name any more."""
    names = [(one.id, one.name) for one in sorted(neighbours.values(), key=lambda one: one.name)]
    names += [(node_id, node_id) for node_id, _ in storage.oldest(tx) if node_id not in neighbours]
    return NeighboursView(neighbours=tuple(_view(tx, company, node_id, name) for node_id, name in names))


def _view(tx: Transaction, company: Company, node_id: str, name: str) -> NeighbourView:
    refused = company.refused.get(node_id)
    return NeighbourView(
        id=node_id,
        name=name,
        address=company.addresses.get(node_id),
        holds_seq=company.held.get(node_id),
        copies=storage.count(tx, node_id),
        refused=refused.problem if refused else None,
    )
