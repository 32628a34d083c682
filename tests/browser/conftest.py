"""A furnished company, served with its jobs at work, and people who walk through it in Chromium.

- `company`: the demo's first company with a member of each role, at work on a port of its own.
- `walker("clerk")`: a window in which a member with that role has logged in. Each test has it twice, at a desk
  (1360 pixels) and on a phone (390), unless it names its `width` itself.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from billhook.app import DRAINER
from billhook.cli.demo_filling import fill
from billhook.cli.demo_tenants import PASSWORD, TENANTS
from billhook.config import Config
from billhook.domain.states import Reach
from billhook.jobs.drainer import drain
from billhook.services import customer_profiles, customers, people
from billhook.services.contexts import operator_context
from billhook.testing import applications, chromium
from billhook.testing.members import join
from billhook.testing.walking import Walker
from billhook.testing.worlds import World

from .clients import Known, let_in
from .reading import Reader

ROLES = ("admin", "manager", "clerk", "sales", "auditor", "developer")
DESK, PHONE = 1360, 390


@pytest.fixture(
    scope="module"
)  # not the session: Playwright keeps a loop, which others could not start
def browser_program() -> Iterator[Browser]:
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def beginning(worlds, backend, browser_program) -> World[Known]:
    if backend != "sqlite":
        pytest.skip("pages look the same on every database; they are walked through on SQLite")
    return worlds.world("furnished", _furnish)


def _furnish(config: Config) -> Known:
    """Fill the demo's company, seat everybody, let clients in, and do all the work that waits."""
    nimbus = TENANTS[0]
    with applications.running(config):
        fill(nimbus)
        seated = {
            role: join(nimbus.wanted.slug, f"{role}@nimbus.example", role=role, password=PASSWORD)
            for role in ROLES
        }
        ctx = operator_context(nimbus.wanted.slug)
        with ctx.acting():
            sales = seated["sales"].person_id
            people.change_seat(ctx, sales, role="sales", reach=Reach.OWN, tags=())
            customer_profiles.assign(ctx, [customers.get(ctx, "elbe").id], sales)
            known = let_in(ctx)
        drain()
        return known


@pytest.fixture
def company(make_app) -> Iterator[str]:
    """Serve the pages and do the jobs; return the address."""
    app = make_app()
    drainer = app.extensions[DRAINER]
    drainer.start()
    with chromium.serving(app) as address:
        yield address
    drainer.stop()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def width(request) -> int:
    return request.param


@pytest.fixture
def walker(browser_program, company, width) -> Iterator[Callable[..., Walker]]:
    contexts = []

    def begin(role: str, *, wide: int = width, **settings: str) -> Walker:
        context = browser_program.new_context(
            viewport={"width": wide, "height": 900}, base_url=company, **settings
        )
        contexts.append(context)
        somebody = Walker(context.new_page())
        somebody.log_in(f"{role}@nimbus.example", PASSWORD)
        return somebody

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def reader(browser_program: Browser, company: str) -> Iterator[Callable[..., Reader]]:
    """Open windows for clients, who log in, and for strangers, who do not."""
    contexts = []

    def begin(email: str = "", language: str = "en", **settings: object) -> Reader:
        context = browser_program.new_context(base_url=company, locale=language, **settings)
        contexts.append(context)
        somebody = Reader(context.new_page(), language)
        if email:
            somebody.log_in(email, PASSWORD)
        return somebody

    yield begin
    for context in contexts:
        context.close()
