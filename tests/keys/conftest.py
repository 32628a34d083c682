from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from billhook.config import Config
from billhook.sdk.context import Context
from billhook.sdk.permissions import Permission
from billhook.services import api_keys
from billhook.services.api_keys import KeyInput, MadeKey
from billhook.services.contexts import operator_context
from billhook.testing import applications
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.plugins import plugin_module
from billhook.testing.worlds import World

VERSION = "2026-11-30"


def register_permissions() -> list[Permission]:
    return [Permission("telex.send", "Send by telex")]


TELEX = plugin_module("telex", register_permissions)


def _open(config: Config) -> None:
    with applications.running(config, plugins=[TELEX]):
        open_tenant("shop", pack=("telex",))


@pytest.fixture
def beginning(worlds) -> World[None]:
    """Return a shop that has one plugin, “telex”, which brings a permission."""
    return worlds.world("shop with telex", _open)


@pytest.fixture
def app(make_app, config: Config) -> Iterator[Flask]:
    app = make_app(config, plugins=[TELEX])
    with app.app_context():
        yield app


@pytest.fixture
def ctx(app) -> Context:
    """Return the operator's context in the tenant “shop”."""
    return operator_context("shop")


@pytest.fixture
def ada(ctx) -> Somebody:
    """Return the shop's administrator."""
    return join("shop", "ada@shop.example")


@pytest.fixture
def make() -> Callable[..., MadeKey]:
    """Return a function that makes a key by the hand of somebody."""

    def made(ctx: Context, *scopes: str, **wanted: object) -> MadeKey:
        given = {"name": "ERP", "scopes": scopes or ("customers.view",), **wanted}
        with ctx.acting():
            return api_keys.make(ctx, KeyInput(**given), api_version=VERSION)

    return made
