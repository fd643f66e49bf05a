"""Every error of ours, in one tree.

    ShopwrightError
    ├── Invalid          the request cannot mean anything        (HTTP 400)
    ├── Unauthenticated  nobody proved who asks                  (HTTP 401)
    ├── Denied           they may not                            (HTTP 403)
    ├── NotFound         no such thing, or not theirs            (HTTP 404)
    ├── Conflict         it cannot be done in the present state  (HTTP 409)
    ├── Unavailable      something needed is away; try later     (HTTP 503)
    └── Misconfigured    the daemon cannot start like this       (exit code 2)

An error's docstring is its message and `hint` its next step; both are read by the person in front of the screen.
What differs from case to case are facts, given by keyword. Each error is a leaf because some caller or some screen
acts on it; screens translate by `code`.
"""

import re


class ShopwrightError(Exception):
    """Something went wrong."""

    hint = "Call support and read them this text."

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.title)

    @property
    def title(self) -> str:
        """The docstring's first line, with the facts filled in where it names them."""
        text = (type(self).__doc__ or "").strip().splitlines()[0]
        return re.sub(r"\{(\w+)\}", lambda match: str(self.facts.get(match[1], "?")), text)

    @property
    def code(self) -> str:
        """A stable name for machines and translators: `UnknownBarcode` is `unknown-barcode`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", type(self).__name__).lower()

    def __str__(self) -> str:
        facts = " ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.title} {self.hint}" + (f" [{facts}]" if facts else "")


class Invalid(ShopwrightError):
    """The request cannot be understood."""

    hint = "Correct it and send it again."


class Unauthenticated(ShopwrightError):
    """The request does not say who sends it."""

    hint = "Sign in, or send a valid key."


class Denied(ShopwrightError):
    """This is not allowed for you."""

    hint = "Ask somebody with the authority to do it."


class NotFound(ShopwrightError):
    """There is no such {kind}."""

    hint = "Check the number; it may belong to another store."


class Conflict(ShopwrightError):
    """This cannot be done in the present state."""

    hint = "Look at the present state and decide again."


class Unavailable(ShopwrightError):
    """Something that is needed is away."""

    hint = "Try again in a moment."


class Misconfigured(ShopwrightError):
    """The configuration does not work: {problem}"""

    hint = "Correct the configuration and start again."
