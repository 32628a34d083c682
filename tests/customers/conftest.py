"""A British shop with customers, and charges that wait."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.models.brands import BrandRow
from billhook.sdk.context import Context
from billhook.testing.outward import RENDERER, Paper, paper_plugin
from billhook.testing.shops import make_charge, make_customer, opened


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the standard plugins on, acting."""
    with opened("shop") as ctx:
        yield ctx


@pytest.fixture
def customer(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a customer of the shop."""
    return lambda reference, **fields: make_customer(shop, reference, **fields)


@pytest.fixture
def charge(shop: Context) -> Callable[..., UUID]:
    """Return a function that lets a charge wait in the shop."""
    return lambda customer_id, price="10", **fields: make_charge(
        shop, customer_id, price, **fields
    )


@pytest.fixture
def paper() -> Paper:
    """What the plugin “paper” of `paper_shop` does, and what it was asked."""
    return Paper()


@pytest.fixture
def paper_shop(make_app, config, paper) -> Iterator[Context]:
    """A shop with the standard plugins and “paper”, which renders, writes and sends."""
    plugins = [pricing_standard, tax_rules, paper_plugin(paper)]
    app = make_app(config, plugins=plugins)
    with app.app_context(), opened("shop", pack=tuple(one.info.name for one in plugins)) as ctx:
        with ctx.transaction() as session:
            session.execute(
                update(BrandRow)
                .where(BrandRow.tenant_id == ctx.tenant.id)
                .values(renderer=RENDERER)
            )
        yield ctx
