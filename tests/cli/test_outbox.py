"""`billhook outbox`: people see what is dead, and have it tried again."""

import pytest

from billhook.testing.working import enqueued, handles, note, notes

__all__ = ["handles"]


@pytest.fixture
def dead(shop, handles):
    """Return the shop's context with three dead jobs of two names."""
    from billhook.services.contexts import operator_context

    ctx = operator_context("shop")
    for name in ("test.note", "test.note", "nobody.knows"):
        enqueued(ctx, name)
    shop("audit", "list")  # drains nothing
    shop("outbox", "retry", waiting(shop)[0]["id"])  # drains all
    assert len(listed(shop, "--state", "dead")) == 3
    handles("test.note", note)
    return ctx


def listed(shop, *options: str) -> list[dict]:
    return shop("outbox", "list", *options, "--json").json["work"]


def waiting(shop) -> list[dict]:
    return listed(shop, "--state", "waiting")


def test_all_that_is_dead_of_a_name_is_tried_again_and_done(shop, dead):
    assert shop("outbox", "retry", "--dead", "--name", "test.note", "--json").json == {
        "retried": 2
    }
    assert notes(dead) == ["it", "it"]
    assert [one["name"] for one in listed(shop, "--state", "dead")] == ["nobody.knows"]
    assert listed(shop, "--name", "nobody.knows", "--state", "done") == []


def test_all_that_is_dead_is_tried_again_later(shop, dead):
    said = shop("outbox", "retry", "--dead", "--no-wait").out
    assert said == "3 dead events and jobs are tried again.\n"
    assert len(waiting(shop)) == 3


@pytest.mark.parametrize("words", [[], ["--name", "test.note"], ["some-id", "--dead"]])
def test_what_is_to_be_retried_must_be_said_in_one_way(shop, words):
    assert "--dead [--name NAME]" in shop("outbox", "retry", *words, status=2).err
