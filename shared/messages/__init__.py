"""Every text that a shopper or an employee reads, in each language: `<language>.json`, used by Python and the screens.

A text may name facts in braces: `{count} items`. The three files have the same keys; tests hold them to it.
"""

import json
from functools import cache
from importlib.resources import files

from shared.model.store import Language


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Return all texts of a language by key."""
    texts: dict[str, str] = json.loads(files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))
    return texts


def text(language: Language, key: str, **facts: object) -> str:
    """Return one text with its facts filled in; a key that is missing is our own mistake and shows as itself."""
    return catalogue(language).get(key, key).format(**facts)
