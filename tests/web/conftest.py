"""A shop with an administrator, an office with documents, and browsers to visit them with.

Both are built once in a process, and every test gets a copy of those that it names among its fixtures.

- `shop`, `office`: the tenants “shop” (nothing but its administrator) and “office” (see `Office`).
- `browser`, `browse()`: browsers of strangers; `at_shop`: one in which the shop's administrator has logged in.
- `signed_in("clerk")`: a browser in which a member of the shop with that role has logged in;
  `office.signed_in("clerk")`: the same in the office. Without a role it is an administrator.
- A browser's `get(path)` loads a page; `send(path, fields, page=path)` fills in the form on the page and sends it
  with the token that stands in it; `post(path, fields)` sends without one, as nobody of ours would.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from functools import partial
from importlib import resources
from types import ModuleType
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

import billhook_pricing_standard.plugin as pricing_standard
import billhook_tax_rules.plugin as tax_rules
from billhook.config import Config
from billhook.db import db
from billhook.domain.states import RunMode
from billhook.ids import new_id
from billhook.models.brands import BrandRow
from billhook.sdk.context import Context
from billhook.services import billing, crediting, delivering, documents, drafting, files
from billhook.services.permissions import ADMIN
from billhook.testing import applications
from billhook.testing import worlds as testing
from billhook.testing.browser import Browser
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.outward import RENDERER, Paper, paper_plugin
from billhook.testing.shops import END, acting, make_charge, make_customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What is kept between tests."""

    shop: Somebody | None = None
    office: "Kept | None" = None


@pytest.fixture
def beginning(request, worlds) -> testing.World[Built] | None:
    """Return what has been built of the tenants that the test asks for."""
    wanted = {"shop", "office"} & set(request.fixturenames)
    return (
        worlds.world(("web", *sorted(wanted)), lambda config: _build(config, wanted))
        if wanted
        else None
    )


def _build(config: Config, wanted: Set[str]) -> Built:
    return Built(
        shop=_open_shop(config) if "shop" in wanted else None,
        office=_open_office(config) if "office" in wanted else None,
    )


def _open_shop(config: Config) -> Somebody:
    with applications.running(config):
        open_tenant("shop")
        return join("shop", "ada@shop.example")


@pytest.fixture
def shop(app, beginning) -> Somebody:
    """Return the administrator of the tenant “shop”."""
    return beginning.told.shop


@pytest.fixture
def browse(request, config) -> Callable[..., Browser]:
    """Return a way to open further browsers, each with cookies of its own.

    They visit the test's application, which is made for the first of them, or another.
    """

    def open_browser(address: str = "127.0.0.1", application: Flask | None = None) -> Browser:
        visited = application or request.getfixturevalue("app")
        return Browser(applications.fresh_client(visited), address=address)

    return open_browser


@pytest.fixture
def browser(browse) -> Browser:
    return browse()


@pytest.fixture
def at_shop(shop, browser) -> Browser:
    """Return a browser in which the shop's administrator has logged in."""
    assert browser.log_in(shop.email).status_code == 303
    return browser


@pytest.fixture
def signed_in(shop, browse) -> Callable[..., Browser]:
    """Return a way to open browsers in which a member of the shop has logged in, by their role."""
    return lambda role=ADMIN: _signed_in("shop", role, browse)


def _signed_in(slug: str, role: str, browse: Callable[..., Browser]) -> Browser:
    member = join(slug, f"{role}-{new_id().hex[-6:]}@{slug}.example", role=role)
    db.session.rollback()
    browser = browse()
    assert browser.log_in(member.email).status_code == 303
    return browser


LOGO = resources.files("billhook.cli") / "data" / "demo" / "nimbus" / "logo.png"
NAMES = {
    "ann": "Ann & Sons <script>alert(1)</script>",
    "lodz": "Łódź Software",
    "yamada": "山田太郎",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of the office between tests."""

    paper: Paper
    admin: Somebody
    invoice: UUID
    note: UUID
    draft: UUID
    delivery: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A tenant with three invoices, a credit note, a draft and a delivery; paper makes and sends."""

    app: Flask
    ctx: Context
    paper: Paper
    admin: Somebody
    visit: Callable[..., Browser]
    """Returns a browser in which somebody of the office has logged in; the administrator by default."""
    signed_in: Callable[..., Browser]
    """Returns a browser in which a new member has logged in, by their role."""
    invoice: UUID
    note: UUID
    draft: UUID
    delivery: UUID


@pytest.fixture
def office(make_app, config, browse, beginning) -> Iterator[Office]:
    kept: Kept = beginning.told.office
    paper = kept.paper.copy()
    app = make_app(config, plugins=_plugins(paper))

    def visit(email: str = kept.admin.email) -> Browser:
        browser = browse(application=app)
        assert browser.log_in(email).status_code == 303
        return browser

    def signed_in(role: str = ADMIN) -> Browser:
        return _signed_in("office", role, partial(browse, application=app))

    with app.app_context(), acting("office") as ctx:
        db.session.rollback()  # ends reading: else the test would not see what its browsers do
        yield Office(
            app=app,
            ctx=ctx,
            paper=paper,
            admin=kept.admin,
            visit=visit,
            signed_in=signed_in,
            invoice=kept.invoice,
            note=kept.note,
            draft=kept.draft,
            delivery=kept.delivery,
        )


def _plugins(paper: Paper) -> list[ModuleType]:
    return [pricing_standard, tax_rules, paper_plugin(paper)]


def _open_office(config: Config) -> Kept:
    paper = Paper()
    plugins = _plugins(paper)
    with applications.running(config, plugins=plugins):
        open_tenant("office", pack=tuple(one.info.name for one in plugins))
        admin = join("office", "olga@office.example")
        with acting("office") as ctx:
            return _furnished(ctx, paper, admin)


def _furnished(ctx: Context, paper: Paper, admin: Somebody) -> Kept:
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
    return Kept(
        paper=paper,
        admin=admin,
        invoice=invoice,
        note=note,
        draft=draft.id,
        delivery=delivery,
    )
