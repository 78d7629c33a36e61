from __future__ import annotations

import pytest
import sqlalchemy as sa

from lintbot.jobs.reaper import Heartbeat, Reaper, connect
from tests.jobs.conftest import House


@pytest.fixture
def engine(each_house: House):
    made = connect(each_house.url)
    yield made
    made.dispose()


def seen(engine: sa.Engine, executor_id: str, seconds_ago: float) -> None:
    Heartbeat(engine, executor_id).beat()
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE executor SET seen = seen - :ago WHERE id = :id"),
            {"ago": seconds_ago, "id": executor_id},
        )


def test_the_dead_are_those_not_seen_for_long_and_those_never_seen(engine: sa.Engine):
    seen(engine, "alive", 5)
    seen(engine, "dead", 20)
    heartbeat = Heartbeat(engine, "me")
    found = heartbeat.find_dead(["alive", "dead", "me", "never"], 15)
    assert found == ["dead", "never"]


def test_who_leaves_is_dead_at_once(engine: sa.Engine):
    leaver = Heartbeat(engine, "leaver")
    leaver.beat()
    assert Heartbeat(engine, "me").find_dead(["leaver"], 15) == []
    leaver.leave()
    assert Heartbeat(engine, "me").find_dead(["leaver"], 15) == ["leaver"]


def test_rows_of_long_ago_are_deleted(engine: sa.Engine):
    seen(engine, "old", 90_000)
    seen(engine, "recent", 80_000)
    Heartbeat(engine, "me").find_dead([], 15)
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT id FROM executor")).scalars().all() == ["recent"]


def test_a_reaper_beats_and_takes_over_from_the_dead_only(engine: sa.Engine):
    seen(engine, "alive", 0)
    taken: list[list[str]] = []
    reaper = Reaper(Heartbeat(engine, "me"), lambda: ["me", "alive", "gone"], taken.append, 15)
    reaper()
    assert taken == [["gone"]]
    assert Heartbeat(engine, "other").find_dead(["me"], 15) == []


def test_nothing_is_taken_over_when_all_are_alive(engine: sa.Engine):
    taken: list[list[str]] = []
    Reaper(Heartbeat(engine, "me"), lambda: ["me"], taken.append, 15)()
    assert taken == []
