"""The rules look at everything: an empty tree would keep them all."""

from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import OURS, ROOT, listed, python, real, walked


def test_the_real_tree_has_every_part_of_the_house() -> None:
    homes = {path.parts[0] for path, _ in python(real(), tests=True)}

    assert homes == {*OURS, "tests"}
    assert PurePosixPath("shared/messages/en.json") in real()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_without_git_the_same_sources_are_found() -> None:
    def sources(paths: list[PurePosixPath]) -> set[PurePosixPath]:
        here = {path for path in paths if (ROOT / path).is_file()}
        return {path for path in here if path.parts[0] in OURS and path.suffix in {".py", ".ts", ".tsx", ".json"}}

    assert sources(list(walked())) == sources(list(listed()))
