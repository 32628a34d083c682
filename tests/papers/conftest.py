"""A shop with drafts and documents to merge, split, credit and bill anew."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.states import RunMode
from billhook.errors import BillhookError
from billhook.models.charges import ChargeClaim, ChargeOpen, ChargeRow
from billhook.models.documents import DocumentLineRow
from billhook.sdk.context import Context
from billhook.services import billing, drafting, issuing
from billhook.testing.shops import END, acting, make_charge, make_customer, opened


@pytest.fixture
def shop(app) -> Iterator[Context]:
    """A British tenant that sells services, with the standard plugins on, acting."""
    with opened("shop") as ctx:
        yield ctx


@pytest.fixture
def ann(shop) -> UUID:
    """A customer who is billed per project."""
    return make_customer(shop, "ann", consolidation="group")


@pytest.fixture
def draft_of(shop, ann) -> Callable[..., UUID]:
    """Return a function that makes a draft of charges at the prices, as one project."""
    made = []

    def make(*prices: str, **fields: object) -> UUID:
        project = fields.pop("project", f"Project {len(made) + 1}")
        for number, price in enumerate(prices, 1):
            make_charge(
                shop,
                fields.get("customer", ann),
                price,
                group_key=project,
                group_label=project,
                description=f"{project}, {number}",
                **{name: value for name, value in fields.items() if name != "customer"},
            )
        known = {one.id for one in drafting.listing(shop)}
        billing.run(shop, until=END, issue_on=END, mode=RunMode.DRAFT)
        (new,) = [one.id for one in drafting.listing(shop) if one.id not in known]
        made.append(new)
        return new

    return make


@pytest.fixture
def invoice_of(shop, draft_of) -> Callable[..., UUID]:
    """Return a function that issues a draft of charges at the prices."""
    return lambda *prices, **fields: (
        issuing.issue(shop, draft_of(*prices, **fields), issue_on=END).id
    )


def holders() -> dict[UUID, UUID]:
    """Return who holds which charge, as it stands now."""
    db.session.rollback()
    rows = db.session.execute(select(ChargeClaim.charge_id, ChargeClaim.holder_id))
    return dict(rows.tuples().all())


def waiting() -> int:
    """Return how many charges wait."""
    return db.session.scalars(select(func.count()).select_from(ChargeOpen)).one()


def billed_charges() -> list[UUID]:
    """Return the charge of each issued line that has one."""
    db.session.rollback()
    wanted = select(DocumentLineRow.charge_id).where(DocumentLineRow.charge_id.is_not(None))
    return list(db.session.scalars(wanted))


def references(source: str) -> list[str]:
    """Return the references of all charges of a source."""
    db.session.rollback()
    wanted = select(ChargeRow.reference).where(ChargeRow.source == source)
    return list(db.session.scalars(wanted))


def at_once(app, act: Callable[[Context], object], times: int = 3) -> list[object]:
    """Let several people do the same at once; return what each got, errors as they are."""

    def one(_number: int) -> object:
        with app.app_context(), acting("shop") as ctx:
            try:
                return act(ctx)
            except BillhookError as error:
                return error

    with ThreadPoolExecutor(times) as threads:
        found = list(threads.map(one, range(times)))
    db.session.rollback()  # look anew
    return found


def net_of(shop: Context, draft_id: UUID) -> int:
    """Return what a draft comes to before tax."""
    return drafting.get(shop, draft_id).outcome.document.net
