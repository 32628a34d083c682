"""Two people at the same moment: one act stands just before its commit when the other comes upon it."""

from datetime import date
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.periods import Period
from billhook.errors import Conflict, NotFound
from billhook.models.clients import ClientNotice, DocumentSeen
from billhook.models.customers import Customer
from billhook.models.documents import DocumentEvent
from billhook.models.portal import ProfileChange
from billhook.services import (
    artefacts,
    billing,
    crediting,
    customer_merging,
    portal_settings,
    profile_changes,
)
from billhook.services import documents as staff
from billhook.services.customer_profiles import CustomerChanged
from billhook.services.portal import archives, papers, profile
from billhook.services.portal.archives import ArchiveKind, ArchiveWish
from billhook.services.portal.profile import AskedMeanwhile
from billhook.services.portal_settings import PortalChange
from billhook.services.profile_changes import ChangeDecided
from billhook.testing.shops import END, make_charge, make_customer

from .meeting import ORDERS, WITHIN, Act, by_client, by_staff, meet


def count(row, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(row).where(*conditions))


# A change of the profile


def ask(office, **wanted):
    """Let Eve want something; return what waits."""
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)
        profile.save(eve, {**known.wanted, **wanted}, version=known.version, mark=known.mark)
    return profile_changes.search(office.ctx).rows[0].id


@pytest.fixture
def asked(office):
    portal_settings.change(office.ctx, PortalChange(approvals=("name", "address")))
    return ask(office, name="Ann Group", city="Leeds")


def ann(office):
    return db.session.scalars(
        select(Customer)
        .where(Customer.id == office.kept.customers["ann"])
        .execution_options(populate_existing=True)
    ).one()


@ORDERS
def test_a_change_is_taken_over_or_taken_back_and_never_both(office, asked, is_turned):
    approve = by_staff(lambda ctx: profile_changes.approve(ctx, asked))
    withdraw = by_client(office, "eve", lambda eve: profile.withdraw(eve, asked))
    won, lost = meet(office.app, *((withdraw, approve) if is_turned else (approve, withdraw)))
    assert won.refusal is None
    assert isinstance(lost.refusal, ChangeDecided)
    state = db.session.scalars(select(ProfileChange.state)).one()
    name = ann(office).name
    assert (state, name) == (
        ("withdrawn", "Ann & Sons <b>") if is_turned else ("approved", "Ann Group")
    )


def test_two_members_who_approve_at_once_are_one(office, asked):
    before = ann(office).version
    approve = by_staff(lambda ctx: profile_changes.approve(ctx, asked))
    won, lost = meet(office.app, approve, approve)
    assert won.refusal is None
    assert isinstance(lost.refusal, ChangeDecided)
    assert ann(office).version == before + 1
    assert count(ClientNotice) == 1


def test_one_approves_what_another_refuses(office, asked):
    approve = by_staff(lambda ctx: profile_changes.approve(ctx, asked))
    refuse = by_staff(lambda ctx: profile_changes.refuse(ctx, asked, reason="No"))
    _won, lost = meet(office.app, refuse, approve)
    assert isinstance(lost.refusal, ChangeDecided)
    assert ann(office).name == "Ann & Sons <b>"
    assert count(ClientNotice) == 1


def test_two_members_who_decide_on_other_fields_both_do(office, asked):
    name = by_staff(lambda ctx: profile_changes.approve(ctx, asked, fields=["name"]))
    address = by_staff(lambda ctx: profile_changes.approve(ctx, asked, fields=["address"]))
    won, lost = meet(office.app, name, address)
    assert (won.refusal, lost.refusal) == (None, None)
    assert (ann(office).name, ann(office).city) == ("Ann Group", "Leeds")
    assert sorted(db.session.scalars(select(ProfileChange.state))) == ["approved"] * 2


@ORDERS
def test_what_is_approved_is_what_the_member_read(office, asked, is_turned):
    """Eve wants another name just when the one before is taken over."""
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)
    wanted = {**known.wanted, "name": "Ann Worldwide"}
    save = by_client(
        office,
        "eve",
        lambda eve: profile.save(eve, wanted, version=known.version, mark=known.mark),
    )
    approve = by_staff(lambda ctx: profile_changes.approve(ctx, asked))
    _won, lost = meet(office.app, *((save, approve) if is_turned else (approve, save)))
    assert isinstance(lost.refusal, ChangeDecided if is_turned else CustomerChanged)
    assert ann(office).name == ("Ann & Sons <b>" if is_turned else "Ann Group")


def test_two_colleagues_who_save_at_once_ask_for_one_thing(office, asked):
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)

    def save(name):
        wanted = {**known.wanted, "name": name}
        return by_client(
            office,
            "eve",
            lambda eve: profile.save(eve, wanted, version=known.version, mark=known.mark),
        )

    _won, lost = meet(office.app, save("One"), save("Two"))
    assert isinstance(lost.refusal, AskedMeanwhile)
    (found,) = profile_changes.search(office.ctx).rows
    assert found.fields[0].columns[0].wanted == "One"


def test_nothing_is_taken_over_into_a_customer_that_is_just_merged(office, asked):
    kept = make_customer(office.ctx, "group", name="Group")
    ann_id = office.kept.customers["ann"]
    merge = by_staff(lambda ctx: customer_merging.merge(ctx, duplicate_id=ann_id, kept_id=kept))
    approve = by_staff(lambda ctx: profile_changes.approve(ctx, asked))
    won, lost = meet(office.app, merge, approve)
    assert won.refusal is None
    assert isinstance(lost.refusal, CustomerChanged)
    assert ann(office).name == "Ann & Sons <b>"
    assert profile_changes.get(office.ctx, asked).customer_id == kept


# A document that is seen, or void


@pytest.fixture(params=["9", "0"], ids=["", "zero"])
def invoice(office, request):
    """An invoice with its PDF, which nobody has seen; one of which nothing is owed, too."""
    make_charge(office.ctx, office.kept.customers["ann"], request.param)
    billing.run(office.ctx, until=END, issue_on=END)
    found = staff.listing(office.ctx, customer="ann")[0].id
    artefacts.printed(office.ctx, found)
    return found


def test_who_voids_and_who_credits_at_once_do_not_stop_each_other(office):
    """Three times: not each meeting is close enough for the two to hold what the other needs."""
    for price in ("9", "8", "7"):
        make_charge(office.ctx, office.kept.customers["ann"], price)
        billing.run(office.ctx, until=END, issue_on=END)
    invoices = [one.id for one in staff.listing(office.ctx, customer="ann")[:3]]
    for invoice in invoices:
        ready = Barrier(2)

        def act(do, invoice=invoice, ready=ready):
            def correct(ctx):
                ready.wait(WITHIN)
                return do(ctx, invoice, reason="Wrong", issue_on=END)

            return Act(do=by_staff(correct))

        acts = act(crediting.void), act(crediting.credit)
        threads = [Thread(target=one.run, args=(office.app,)) for one in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(WITHIN)
        assert [one.crash for one in acts] == [None, None]
        assert sorted(type(one.refusal) for one in acts if one.refusal) == [Conflict]
    db.session.rollback()


EVERYTHING = ArchiveWish(
    period=Period.through(date(2026, 1, 1), date(2026, 12, 31)), kinds=frozenset(ArchiveKind)
)
LOOKS = {
    "page": papers.read,
    "pdf": papers.pdf,
    "archive": lambda eve, _invoice: archives.opened(eve, EVERYTHING),
}


@ORDERS
@pytest.mark.parametrize("way", LOOKS)
def test_what_a_client_got_is_never_void(office, invoice, way, is_turned):
    look = by_client(office, "eve", lambda eve: LOOKS[way](eve, invoice))
    void = by_staff(lambda ctx: crediting.void(ctx, invoice, reason="Wrong", issue_on=END))
    won, lost = meet(office.app, *((void, look) if is_turned else (look, void)))
    assert won.refusal is None
    assert isinstance(lost.refusal, NotFound if is_turned else Conflict)
    has_seen = count(DocumentSeen, DocumentSeen.document_id == invoice)
    is_void = count(DocumentEvent, DocumentEvent.document_id == invoice)
    assert (has_seen, is_void) == ((0, 1) if is_turned else (1, 0))
