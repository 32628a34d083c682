"""A company's details: changed by the client at once, or once the vendor said yes."""

import pytest
from sqlalchemy import select, update

from billhook.db import db
from billhook.errors import Forbidden, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.clients import ClientNotice
from billhook.models.customers import Customer
from billhook.models.portal import ProfileChange
from billhook.models.work import Outbox
from billhook.sdk.context import ActorKind
from billhook.services import customer_profiles, customers, portal_settings, profile_changes
from billhook.services.customer_batches import CustomerInput
from billhook.services.customer_profiles import CustomerChanged, ProfileInput
from billhook.services.portal import choices, clients, letters, profile
from billhook.services.portal.notices import ClientNoticeKind
from billhook.services.portal.profile import AskedMeanwhile
from billhook.services.portal_settings import PortalChange
from billhook.services.profile_changes import ChangeDecided, ChangeState

from .conftest import ED, EVE

ADDRESS = {"street": "Main Street 1", "city": "Leeds", "postal_code": "LS1 1AA"}


def mark(office, *fields):
    """Let changes of some fields wait for a yes."""
    portal_settings.change(office.ctx, PortalChange(approvals=fields))


def save(office, **wanted):
    """Save Eve's company's profile with other values."""
    client = office.client("eve")
    with client.ctx.acting():
        known = profile.show(client)
        return profile.save(
            client, {**known.wanted, **wanted}, version=known.version, mark=known.mark
        )


def shown(office):
    client = office.client("eve")
    with client.ctx.acting():
        return profile.show(client)


def ann(office):
    db.session.rollback()
    return customers.by_id(office.ctx, office.kept.customers["ann"])


def waiting(office):
    db.session.rollback()
    [found] = profile_changes.search(office.ctx).rows
    return found


def test_what_is_not_marked_applies_at_once(office):
    before = ann(office)
    saved = save(office, **ADDRESS, phone="0113 1")
    assert saved.applied == ("address", "phone")
    assert saved.waiting == ()
    after = ann(office)
    assert (after.city, after.phone, after.version) == ("Leeds", "0113 1", before.version + 1)
    noted = db.session.scalars(select(Audit).where(Audit.action == "customer.changed")).all()
    assert noted[-1].actor_kind == ActorKind.CLIENT.value
    assert noted[-1].details["fields"] == "address phone"
    told = db.session.scalars(select(Outbox.payload).where(Outbox.name == "customer.changed"))
    assert str(before.id) in {one["customer_id"] for one in told}


@pytest.mark.parametrize(
    ("country", "lines"),
    [
        ("GB", "Main Street 1<br>Leeds<br>LS1 1AA<br>United Kingdom"),
        ("CH", "Main Street 1<br>LS1 1AA Leeds<br>Switzerland"),
    ],
)
def test_an_address_is_written_by_the_custom_of_its_country(office, country, lines):
    save(office, **ADDRESS, country=country, tax_number="")
    assert lines in office.at_portal(EVE).get("/profile").text


def test_marked_fields_wait_and_the_others_do_not(office):
    mark(office, "address", "name")
    saved = save(office, **ADDRESS, name="Ann Ltd", phone="0113 2")
    assert (saved.applied, saved.waiting) == (("phone",), ("name", "address"))
    assert (ann(office).name, ann(office).phone) == ("Ann & Sons <b>", "0113 2")
    now = shown(office)
    assert {(one.column, one.known, one.wanted) for one in now.waiting.wishes} == {
        ("name", "Ann & Sons <b>", "Ann Ltd"),
        ("street", "", "Main Street 1"),
        ("postal_code", "", "LS1 1AA"),
        ("city", "", "Leeds"),
    }
    assert now.wanted["name"] == "Ann Ltd"
    assert now.waiting.asked_by == "Eve Ann"


def test_a_new_wish_takes_the_place_of_the_one_that_waits(office):
    mark(office, "name")
    save(office, name="Ann Ltd")
    first = waiting(office)
    save(office, name="Ann plc")
    assert waiting(office).id != first.id
    assert profile_changes.get(office.ctx, first.id).state is ChangeState.WITHDRAWN
    save(office, name="Ann & Sons <b>")  # as it is stored: nothing to wait for
    assert shown(office).waiting is None


def test_saving_again_what_waits_leaves_it(office):
    mark(office, "name")
    save(office, name="Ann Ltd")
    first = waiting(office)
    save(office, phone="0113 3")
    assert waiting(office).id == first.id


def test_a_tax_number_waits_with_the_country_that_it_is_checked_by(office):
    mark(office, "address")
    saved = save(office, country="DE", tax_number="DE 136695976")
    assert (saved.applied, saved.waiting) == ((), ("address", "tax_number"))
    approved = profile_changes.approve(office.ctx, waiting(office).id)
    assert approved.state is ChangeState.APPROVED
    assert (ann(office).country, ann(office).tax_number) == ("DE", "DE136695976")


def test_wrong_values_are_refused_at_their_fields_though_they_would_wait(office):
    mark(office, "tax_number", "address")
    for wanted, path in (
        ({"tax_number": "GB 111"}, "tax_number"),
        ({"country": "US", "subdivision": ""}, "subdivision"),
        ({"country": "US", "subdivision": "XX"}, "subdivision"),
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "email"),
        ({"electronic_address": "123", "electronic_scheme": ""}, "electronic_scheme"),
    ):
        with pytest.raises(ValidationFailed) as caught:
            save(office, **wanted)
        assert path in {one.path for one in caught.value.problems}
    assert shown(office).waiting is None


def test_approving_takes_over_and_tells_who_asked(office):
    mark(office, "name", "address")
    save(office, **ADDRESS, name="Ann Ltd")
    change = profile_changes.approve(office.ctx, waiting(office).id)
    assert change.state is ChangeState.APPROVED
    assert (ann(office).name, ann(office).city) == ("Ann Ltd", "Leeds")
    [notice] = db.session.scalars(select(ClientNotice)).all()
    assert notice.kind == ClientNoticeKind.PROFILE_APPROVED
    [letter] = db.session.scalars(select(Outbox.payload).where(Outbox.name == letters.JOB)).all()
    assert letter["contact_id"] == str(office.kept.contacts["eve"])
    assert shown(office).waiting is None


def test_fields_are_decided_on_one_by_one(office):
    mark(office, "name", "address", "tax_number")
    save(office, **ADDRESS, name="Ann Ltd", tax_number="GB980780684")
    change = waiting(office)
    approved = profile_changes.approve(office.ctx, change.id, fields=["address"])
    assert [one.name for one in approved.fields] == ["address"]
    assert (ann(office).city, ann(office).name) == ("Leeds", "Ann & Sons <b>")
    refused = profile_changes.refuse(office.ctx, change.id, reason="Not yours", fields=["name"])
    assert (refused.state, refused.reason) == (ChangeState.REFUSED, "Not yours")
    rest = waiting(office)
    assert (rest.id, [one.name for one in rest.fields]) == (change.id, ["tax_number"])
    for wrong in ([], ["name"], ["payer_id"]):
        with pytest.raises(ValidationFailed):
            profile_changes.approve(office.ctx, change.id, fields=wrong)


def test_refusing_needs_a_reason_and_the_client_reads_it(office):
    mark(office, "name")
    save(office, name="Ann Ltd")
    with pytest.raises(ValidationFailed):
        profile_changes.refuse(office.ctx, waiting(office).id, reason=" ")
    profile_changes.refuse(office.ctx, waiting(office).id, reason="Send <b>proof</b>")
    page = office.at_portal(EVE).get("/notices")
    assert "Send &lt;b&gt;proof&lt;/b&gt;" in page.text
    assert ann(office).name == "Ann & Sons <b>"


def test_a_change_is_decided_on_once(office):
    mark(office, "name")
    save(office, name="Ann Ltd")
    change, eve = waiting(office), office.client("eve")
    with eve.ctx.acting():
        profile.withdraw(eve, change.id)
    with pytest.raises(ChangeDecided):
        profile_changes.approve(office.ctx, change.id)
    save(office, name="Ann plc")
    change = waiting(office)
    profile_changes.approve(office.ctx, change.id)
    with pytest.raises(ChangeDecided):
        profile_changes.refuse(office.ctx, change.id, reason="Late")
    eve = office.client("eve")
    with eve.ctx.acting(), pytest.raises(ChangeDecided):
        profile.withdraw(eve, change.id)


def test_who_approves_has_seen_what_is_stored_now(office):
    mark(office, "name")
    save(office, name="Ann Ltd")
    change = waiting(office)
    known = ann(office)
    given = CustomerInput(reference=known.reference, name="Ann Group")
    customer_profiles.change(
        office.ctx, known.id, ProfileInput(customer=given, tags=None), version=known.version
    )
    for version in (change.version, None):
        with pytest.raises(CustomerChanged):
            profile_changes.approve(office.ctx, change.id, version=version)
    now = waiting(office)
    [column] = now.fields[0].columns
    assert (column.known, column.present, column.wanted, column.is_overtaken) == (
        "Ann & Sons <b>",
        "Ann Group",
        "Ann Ltd",
        True,
    )
    profile_changes.approve(office.ctx, change.id, version=now.version)
    assert ann(office).name == "Ann Ltd"


def test_a_client_saves_over_nobody_s_change(office):
    eve = office.client("eve")
    with eve.ctx.acting():
        known = profile.show(eve)
    with office.ctx.transaction() as session:
        session.execute(update(Customer).values(version=Customer.version + 1))
    eve = office.client("eve")
    with eve.ctx.acting(), pytest.raises(CustomerChanged):
        profile.save(eve, known.wanted, version=known.version, mark=known.mark)
    mark(office, "name")
    save(office, name="Ann Ltd")
    now = shown(office)
    with eve.ctx.acting(), pytest.raises(AskedMeanwhile):
        profile.save(eve, now.values, version=now.version, mark=known.mark)


def test_who_may_only_see_changes_nothing_nor_does_who_looks(office):
    looking = clients.looked_at(
        office.ctx, office.kept.customers["ann"], office.kept.admin.person_id
    )
    for client in (office.client("ed"), looking):
        with client.ctx.acting():
            known = profile.show(client)
            with pytest.raises(Forbidden):
                profile.save(client, known.wanted, version=known.version, mark=known.mark)
            with pytest.raises(Forbidden):
                profile.withdraw(client, office.kept.note)
            with pytest.raises(Forbidden):
                choices.choose_delivery(client, [])
    with looking.ctx.acting():
        assert choices.own(looking) is None
        with pytest.raises(Forbidden):
            choices.choose(looking, name="X", phone="", language="", mails=())
    browser = office.at_portal(ED)
    assert browser.get("/profile").status_code == 200
    assert browser.get("/profile/edit").status_code == 403
    assert db.session.scalar(select(ProfileChange.id)) is None
