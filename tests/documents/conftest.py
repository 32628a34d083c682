"""A shop with a draft and an invoice."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.domain.states import RunMode
from billhook.models.brands import BrandRow
from billhook.sdk.context import Context
from billhook.services import billing, drafting, issuing
from billhook.testing.outward import RENDERER, Paper, paper_plugin
from billhook.testing.shops import END, acting, make_charge, make_customer, open_shop, opened
from billhook.testing.worlds import World


@pytest.fixture
def beginning(request, worlds) -> World[None] | None:
    """Return the shop, where the test asks for it; it is opened for the first who does."""
    return worlds.world("shop", open_shop) if "shop" in request.fixturenames else None


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the installed plugins on, acting."""
    with acting("shop") as ctx:
        yield ctx


@pytest.fixture
def customer(shop: Context) -> Callable[..., UUID]:
    """Return a function that makes a customer of the shop."""
    return lambda reference, **fields: make_customer(shop, reference, **fields)


@pytest.fixture
def draft(shop, customer):
    """An open draft of 30.00 for Ann."""
    ann = customer("ann", email="ann@client.example")
    make_charge(shop, ann, "10", description="Ten")
    make_charge(shop, ann, "20", description="Twenty")
    billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
    (entry,) = drafting.listing(shop)
    return entry.id


@pytest.fixture
def invoice(shop, draft):
    """An issued invoice: 30.00 net, 6.00 tax."""
    return issuing.issue(shop, draft, issue_on=END)


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
