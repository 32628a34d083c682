"""A shop with an administrator, an office with documents, and browsers to visit them with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.db import db
from billhook.domain.states import RunMode
from billhook.models.brands import BrandRow
from billhook.sdk.context import Context
from billhook.services import billing, crediting, delivering, documents, drafting, files
from billhook.testing.browser import Browser
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.outward import RENDERER, Paper, paper_plugin
from billhook.testing.shops import END, acting, make_charge, make_customer


@pytest.fixture
def shop(app) -> Somebody:
    """Return the administrator of the tenant “shop”."""
    open_tenant("shop")
    return join("shop", "ada@shop.example")


@pytest.fixture
def browse(app, client) -> Callable[..., Browser]:
    """Return a way to open further browsers, each with cookies of its own."""

    def open_browser(address: str = "127.0.0.1", application=app) -> Browser:
        return Browser(type(client)(application, application.response_class), address=address)

    return open_browser


@pytest.fixture
def browser(browse) -> Browser:
    return browse()


@pytest.fixture
def at_shop(shop, browser) -> Browser:
    """Return a browser in which the shop's administrator has logged in."""
    assert browser.log_in(shop.email).status_code == 303
    return browser


LOGO = resources.files("billhook.cli") / "data" / "demo" / "nimbus" / "logo.png"
NAMES = {
    "ann": "Ann & Sons <script>alert(1)</script>",
    "lodz": "Łódź Software",
    "yamada": "山田太郎",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A tenant with three invoices, a credit note, a draft and a delivery; paper makes and sends."""

    app: Flask
    ctx: Context
    paper: Paper
    admin: Somebody
    visit: Callable[..., Browser]
    """Returns a browser in which somebody of the office has logged in; the administrator by default."""
    invoice: UUID
    note: UUID
    draft: UUID
    delivery: UUID


@pytest.fixture
def office(make_app, config, browse) -> Iterator[Office]:
    paper = Paper()
    plugins = [pricing_standard, tax_rules, paper_plugin(paper)]
    app = make_app(config, plugins=plugins)
    with app.app_context():
        open_tenant("office", pack=tuple(one.info.name for one in plugins))
        admin = join("office", "olga@office.example")

        def visit(email: str = admin.email) -> Browser:
            browser = browse(application=app)
            assert browser.log_in(email).status_code == 303
            return browser

        with acting("office") as ctx:
            yield _furnished(app, ctx, paper, admin, visit)


def _furnished(app, ctx, paper, admin, visit) -> Office:
    logo = files.store(ctx, name="logo.png", content_type="image/png", content=LOGO.read_bytes())
    with ctx.transaction() as session:
        session.execute(
            update(BrandRow)
            .where(BrandRow.tenant_id == ctx.tenant.id)
            .values(renderer=RENDERER, logo_file_id=logo.id)
        )
    customers = {
        reference: make_customer(ctx, reference, name=name, email=f"{reference}@client.example")
        for reference, name in NAMES.items()
    }
    for reference, price in (("ann", "1234.5"), ("lodz", "20"), ("yamada", "30")):
        make_charge(ctx, customers[reference], price, description="Work & <b>more</b>")
    billing.run(ctx, until=END, issue_on=END)
    invoice = documents.listing(ctx, customer="ann")[0].id
    note = crediting.credit(ctx, invoice, reason="Too much", lines={1: 23450}, issue_on=END).id
    delivery = delivering.send(ctx, invoice).id
    delivering.attempt(ctx, delivery)
    make_charge(ctx, customers["lodz"], "5")
    billing.run(ctx, until=END, issue_on=END, mode=RunMode.DRAFT)
    (draft,) = drafting.listing(ctx)
    db.session.rollback()  # ends reading: else the test would not see what its browsers do
    return Office(
        app=app,
        ctx=ctx,
        paper=paper,
        admin=admin,
        visit=visit,
        invoice=invoice,
        note=note,
        draft=draft.id,
        delivery=delivery,
    )
