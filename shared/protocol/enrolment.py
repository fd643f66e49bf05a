"""How a node and head office come to know each other."""

from typing import Annotated

from pydantic import StringConstraints

from shared.model.strict import Code, Id, Strict, Tolerant

CODE_LENGTH_MIN, CODE_LENGTH_MAX = 4, 40

PublicKey = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]  # Ed25519, hex


class EnrolmentRequest(Strict):
    """The installer's one-time code and the public half of the key that the node has just made for itself."""

    code: Annotated[str, StringConstraints(min_length=CODE_LENGTH_MIN, max_length=CODE_LENGTH_MAX)]
    public_key: PublicKey


class Enrolled(Tolerant):
    """Who the node is from now on, and whom it belongs to."""

    node_id: Id
    node_name: Code
    tenant_id: Id
    store_id: Id
    series: Code  # prefix of its receipt numbers
    signing_key: PublicKey | None = None  # head office's, for what it ships; boxes of before have to learn it
