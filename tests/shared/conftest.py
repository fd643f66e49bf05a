"""How properties are tried here: the same examples in every run, and no hurry on a busy machine."""

from hypothesis import settings


def pytest_configure() -> None:
    settings.register_profile("house", derandomize=True, deadline=None, max_examples=100)
    settings.load_profile("house")
