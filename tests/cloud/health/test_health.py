"""Whether the service works, for load balancers."""

from pathlib import Path

from tests.cloud.world import open_world


async def test_a_service_that_works_says_so_to_anybody(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        answer = await world.knock("GET", "/healthz")

    assert (answer.status, answer.body) == (200, {"status": "ok"})


async def test_a_door_that_is_not_there_is_a_problem_with_a_hint(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        missing = await world.knock("GET", "/api/nothing")
        wrong_method = await world.knock("PATCH", "/api/stores")

    assert missing.headers["Content-Type"].startswith("application/problem+json")
    assert (missing.status, missing.body["code"]) == (404, "not-found")
    assert (wrong_method.status, wrong_method.body["code"]) == (405, "method-not-allowed")
    assert "/docs" in missing.body["hint"]
