"""Registrations for tax: where, under which scheme, from which day to which."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from billhook.db import db
from billhook.domain.tax import SCHEMES, usual_scheme
from billhook.errors import NotFound, ValidationFailed
from billhook.ids import new_id
from billhook.models.audit import Audit
from billhook.services import registrations
from billhook.services.contexts import operator_context
from billhook.services.registrations import NewRegistration, RegistrationChange
from billhook.testing.members import open_tenant

DAY = date(2026, 7, 1)


@pytest.fixture
def maple(app):
    ctx = open_tenant(
        "maple",
        country="CA",
        currency="CAD",
        vat_id="123026635RT0001",
        time_zone="America/Toronto",
    )
    with ctx.acting():
        yield ctx


def register(ctx, place, **wanted):
    return registrations.register(ctx, NewRegistration(place=place, **wanted)).tenant


def added(ctx, place, **wanted):
    known = {one.id for one in ctx.tenant.registrations}
    (new,) = [one for one in register(ctx, place, **wanted).registrations if one.id not in known]
    return new


@pytest.mark.parametrize(
    ("place", "number", "kept"),
    [
        ("CA-QC", "1234567890 TQ 0001", ("CA", "QC", "qst", "1234567890TQ0001")),
        ("ca-bc", "PST-1234-5678", ("CA", "BC", "pst", "PST12345678")),
        ("CA-ON", "", ("CA", "ON", "gst", "")),
        ("US-NY", "", ("US", "NY", "sales_tax", "")),
        ("IN-MH", "27AAPFU0939F1ZV", ("IN", "MH", "gst", "27AAPFU0939F1ZV")),
        ("AU", "83 914 571 673", ("AU", "", "gst", "83914571673")),
        ("NZ", "49-098-576", ("NZ", "", "gst", "49098576")),
        ("JP", "T5835678256246", ("JP", "", "vat", "T5835678256246")),
        ("DE", "136695976", ("DE", "", "vat", "DE136695976")),
    ],
)
def test_the_usual_scheme_of_a_place_and_its_number(maple, place, number, kept):
    new = added(maple, place, number=number)
    assert (new.country, new.subdivision, new.scheme, new.number) == kept
    assert (new.valid_from, new.valid_to) == (None, None)


def test_a_scheme_may_be_named(maple):
    assert added(maple, "FR", scheme="oss", number="FR61954506077").scheme == "oss"


def test_until_is_the_last_day(maple):
    new = added(maple, "US-NY", valid_from=DAY, until=date(2026, 12, 31))
    assert new.covers(DAY)
    assert new.covers(date(2026, 12, 31))
    assert not new.covers(DAY - timedelta(days=1))
    assert not new.covers(date(2027, 1, 1))


def test_a_registration_ends_with_a_day(maple):
    new = added(maple, "US-NY")
    ended = registrations.end(maple, new.id, until=DAY).tenant
    (found,) = [one for one in ended.registrations if one.id == new.id]
    assert found.valid_to == DAY + timedelta(days=1)
    assert operator_context("maple").tenant == ended
    actions = db.session.scalars(select(Audit.action).order_by(Audit.id)).all()
    assert actions[-2:] == ["tax_registration.added", "tax_registration.ended"]


def test_the_tenant_is_a_new_version_that_knows(maple):
    changed = register(maple, "US-NY")
    assert changed.version == maple.tenant.version + 1
    assert operator_context("maple").tenant == changed


@pytest.mark.parametrize(
    ("wanted", "path", "code"),
    [
        ({"place": ""}, "place", "input.missing"),
        ({"place": "XX"}, "place", "country.unknown"),
        ({"place": "US-NEWYORK"}, "place", "tax_registration.place_malformed"),
        ({"place": "CA", "scheme": "magic"}, "scheme", "input.unknown_choice"),
        ({"place": "CA", "number": "123456783"}, "number", "tax_number.mistyped"),
        ({"place": "IN-MH", "number": "27AAPFU0939F1ZO"}, "number", "tax_number.mistyped"),
        ({"place": "JP", "number": "5835678256246"}, "number", "tax_number.malformed"),
        ({"place": "CA-QC", "number": "<b>"}, "number", "tax_number.malformed"),
        ({"place": "CA", "number": "123026635RT0001"}, "number", "tenant.vat_id_known"),
        (
            {"place": "US-NY", "valid_from": DAY, "until": date(2026, 6, 30)},
            "until",
            "tax_registration.ends_before_it_begins",
        ),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(maple, wanted, path, code):
    with pytest.raises(ValidationFailed) as failed:
        registrations.register(maple, NewRegistration(**wanted))
    assert [(problem.path, problem.code) for problem in failed.value.problems] == [(path, code)]
    assert operator_context("maple").tenant == maple.tenant


def test_a_place_without_a_number_is_registered_once(maple):
    register(maple, "US-NY")
    with pytest.raises(ValidationFailed):
        register(maple, "US-NY")


def test_only_what_is_there_can_end(maple):
    with pytest.raises(NotFound):
        registrations.end(maple, new_id(), until=DAY)


def test_the_seller_prints_its_own_country_s_number_before_others(app):
    ctx = open_tenant("oz", country="AU", currency="AUD", vat_id="", time_zone="Australia/Sydney")
    with ctx.acting():
        register(ctx, "DE", number="DE136695976")
        assert operator_context("oz").tenant.party.tax_number == "DE136695976"
        register(ctx, "AU", number="83914571673")
        assert operator_context("oz").tenant.party.tax_number == "83914571673"


def test_every_usual_scheme_is_one_that_there_is():
    assert {usual_scheme(place) for place in ("DE", "AU", "CA", "US")} <= set(SCHEMES)


def test_a_registration_changes_its_number_and_days_and_not_its_place(maple):
    old = added(maple, "CA-QC", number="1234567890 TQ 0001")
    wanted = RegistrationChange(number="1234567890TQ0002", valid_from=DAY, until=DAY)
    changed = registrations.change(maple, old.id, wanted).tenant.registrations
    (new,) = [one for one in changed if one.id == old.id]
    assert (new.country, new.subdivision, new.scheme) == ("CA", "QC", "qst")
    assert (new.number, new.valid_from) == ("1234567890TQ0002", DAY)
    assert new.covers(DAY)
    assert not new.covers(DAY + timedelta(days=1))


def test_saving_a_registration_as_it_stands_is_no_clash_with_itself(maple):
    (own,) = maple.tenant.registrations
    registrations.change(maple, own.id, RegistrationChange(number=own.number))
    other = added(maple, "CA", number="")
    with pytest.raises(ValidationFailed) as refused:
        registrations.change(maple, other.id, RegistrationChange(number=own.number))
    assert [one.path for one in refused.value.problems] == ["number"]


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"number": "123026635RT0009X"}, "number"),
        ({"valid_from": DAY, "until": DAY - timedelta(days=1)}, "until"),
    ],
)
def test_a_wrong_change_of_a_registration_leaves_it(maple, wanted, path):
    (own,) = maple.tenant.registrations
    with pytest.raises(ValidationFailed) as refused:
        registrations.change(maple, own.id, RegistrationChange(**wanted))
    assert [one.path for one in refused.value.problems] == [path]
    assert operator_context("maple").tenant.registrations == (own,)


def test_a_registration_that_is_not_there_cannot_be_changed(maple):
    with pytest.raises(NotFound):
        registrations.change(maple, new_id(), RegistrationChange())
