"""Worlds of tests: built once, then a copy for each test, of which the next test sees nothing."""

import shutil

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.models.tenants import Tenant
from billhook.services import files
from billhook.services.contexts import operator_context
from billhook.testing import applications
from billhook.testing.members import open_tenant


@pytest.fixture(scope="module")
def built() -> list[str]:
    """What was built, in its order."""
    return []


@pytest.fixture
def beginning(worlds, built):
    def build(config):
        built.append(config.database_url)
        with applications.running(config):
            ctx = open_tenant("shop")
            with ctx.acting():
                return files.store(
                    ctx, name="a.txt", content_type="text/plain", content=b"first"
                ).id

    return worlds.world("a shop with a file", build)


@pytest.mark.parametrize("_time", ["once", "again"])
def test_each_test_begins_with_what_was_built_once(app, beginning, built, config, home, _time):
    assert len(built) == 1
    assert config.database_url not in built
    assert db.session.scalars(select(Tenant.slug)).all() == ["shop"]
    ctx = operator_context("shop")
    with ctx.acting():
        assert files.read(ctx, beginning.told) == b"first"
    db.session.rollback()
    open_tenant("acme")  # which the next time must not find
    shutil.rmtree(home / "files")


def test_the_first_who_asks_has_it_built(worlds):
    first = worlds.world("one", lambda config: "first")
    assert worlds.world("one", lambda config: "second") is first
    assert worlds.world("two", lambda config: "second").told == "second"


def test_a_world_that_could_not_be_built_is_none(worlds):
    def fail(config):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        worlds.world("broken", fail)
    assert worlds.world("broken", lambda config: "mended").told == "mended"
