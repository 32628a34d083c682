"""Tenants are made whole or not at all, and change only in what may change."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from billhook.clock import SystemClock
from billhook.db import db, tenant_scope
from billhook.domain.states import TaxRounding
from billhook.errors import Conflict, NotFound, PluginFailed, ValidationFailed
from billhook.models.audit import Audit
from billhook.models.ledger import Account, JournalHead
from billhook.models.people import Person
from billhook.models.tenants import TaxRegistration, Tenant
from billhook.services import (
    company,
    ledgers,
    people,
    plugins,
    sandbox_clocks,
    series,
    tenants,
)
from billhook.services.company import TenantChange
from billhook.services.contexts import operator_context
from billhook.services.tenants import NewTenant
from billhook.testing.members import open_tenant

GOOD = {"slug": "shop", "name": "Shop Ltd", "country": "GB", "currency": "GBP"}


def refused(**wanted: object) -> list[tuple[str, str]]:
    """Return where and why a tenant is refused."""
    with pytest.raises(ValidationFailed) as failed:
        tenants.create(NewTenant(**{**GOOD, **wanted}))
    assert db.session.scalar(select(func.count()).select_from(Tenant)) == 0
    return [(problem.path, problem.code) for problem in failed.value.problems]


# Opening


def test_a_tenant_begins_with_all_that_it_needs(app):
    made = tenants.create(
        NewTenant(
            slug="shop",
            name="Shop Ltd",
            country="GB",
            currency="GBP",
            vat_id="GB 980 7806 84",
            supplies="goods",
            admin_email="Ada@Shop.example",
        )
    )
    ctx = made.context
    assert ctx.tenant.slug == "shop"
    assert ctx.tenant.party.tax_number == "GB980780684"
    assert ctx.tenant.time_zone == "Europe/London"
    assert ctx.tenant.plugins == set(tenants.DEFAULT_PACK)
    assert ctx.tenant.tax_engine.startswith("tax_rules.")
    assert made.left_out == ()
    assert made.invitation is not None
    with ctx.acting():
        assert {account.currency for account in ledgers.accounts(ctx)} == {"GBP"}
        assert {entry.document_type for entry in series.listing(ctx)} == {
            "invoice",
            "credit_note",
        }
        assert [(one.email, one.role) for one in people.listing(ctx)] == [
            ("ada@shop.example", "admin")
        ]
        acts = db.session.scalars(select(Audit.action).order_by(Audit.id)).all()
    enabled = ["plugin.enabled"] * len(tenants.DEFAULT_PACK)
    assert acts == ["tenant.created", *enabled, "person.invited"]


def test_what_people_type_in_small_letters_is_understood(app):
    ctx = open_tenant("shop", country="gb", currency="gbp")
    assert (ctx.tenant.party.address.country, ctx.tenant.currency) == ("GB", "GBP")


@pytest.mark.parametrize(
    ("wanted", "path", "code"),
    [
        ({"slug": ""}, "slug", "tenant.slug_malformed"),
        ({"slug": "Shop"}, "slug", "tenant.slug_malformed"),
        ({"slug": "1shop"}, "slug", "tenant.slug_malformed"),
        ({"slug": "shop-"}, "slug", "tenant.slug_malformed"),
        ({"slug": "shop--two"}, "slug", "tenant.slug_malformed"),
        ({"slug": "../shop"}, "slug", "tenant.slug_malformed"),
        ({"slug": "shöp"}, "slug", "tenant.slug_malformed"),
        ({"slug": "s" * 41}, "slug", "tenant.slug_malformed"),
        ({"name": " "}, "name", "input.missing"),
        ({"name": "x" * 201}, "name", "input.too_long"),
        ({"name": "a\x00b"}, "name", "input.unprintable"),
        ({"country": "XX"}, "country", "country.unknown"),
        ({"country": "EU"}, "country", "country.unknown"),
        ({"country": ""}, "country", "input.missing"),
        ({"currency": "XXX"}, "currency", "currency.unknown"),
        ({"currency": "£"}, "currency", "currency.unknown"),
        ({"currency": ""}, "currency", "input.missing"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone", "time_zone.unknown"),
        ({"time_zone": "../etc/passwd"}, "time_zone", "time_zone.unknown"),
        ({"country": "US"}, "time_zone", "tenant.time_zone_missing"),
        ({"language": "klingon"}, "language", "language.unknown"),
        ({"supplies": "magic"}, "supplies", "input.unknown_choice"),
        ({"vat_id": "GB980780685"}, "vat_id", "tax_number.mistyped"),
        ({"vat_id": "GB12"}, "vat_id", "tax_number.malformed"),
        ({"vat_id": "9" * 500}, "vat_id", "tax_number.malformed"),
        ({"country": "NZ", "time_zone": "UTC", "vat_id": "<b>"}, "vat_id", "tax_number.malformed"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_made(app, wanted, path, code):
    assert refused(**wanted) == [(path, code)]


def test_all_that_is_wrong_is_told_at_once(app):
    found = refused(slug="", name="", country="XX", currency="XXX")
    assert {path for path, _code in found} == {"slug", "name", "country", "currency"}


@pytest.mark.parametrize(
    ("country", "time_zone"),
    [("DE", "Europe/Berlin"), ("CH", "Europe/Zurich"), ("JP", "Asia/Tokyo")],
)
def test_a_country_whose_clocks_agree_needs_no_time_zone(app, country, time_zone):
    assert open_tenant("shop", country=country, vat_id="").tenant.time_zone == time_zone


def test_a_slug_is_taken_once(app):
    open_tenant("shop")
    with pytest.raises(ValidationFailed) as failed:
        open_tenant("shop", name="Another")
    assert [problem.code for problem in failed.value.problems] == ["tenant.slug_taken"]
    assert [entry.name for entry in tenants.listing()] == ["Shop Ltd"]


def test_two_who_take_one_slug_at_once_do_not_both_get_it(app):
    ends: list[str] = []
    barrier = threading.Barrier(2)

    def take() -> None:
        with app.app_context():
            barrier.wait()
            try:
                open_tenant("shop")
                ends.append("opened")
            except ValidationFailed as failed:
                ends.append(failed.problems[0].code)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["opened", "tenant.slug_taken"]


def test_a_plugin_that_fails_while_it_is_enabled_leaves_no_tenant(make_app):
    from billhook.testing.plugins import plugin_module

    def plugin_enabling(ctx):
        raise ZeroDivisionError

    app = make_app(plugins=[plugin_module("broken", plugin_enabling)])
    with app.app_context():
        with pytest.raises(PluginFailed):
            open_tenant("shop", pack=("broken",), admin_email="ada@shop.example")
        for table in (Tenant, Person):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0


def test_a_pack_that_is_chosen_is_all_that_is_enabled(app):
    made = tenants.create(NewTenant(**GOOD, pack=("tax_rules", "fax")))
    assert made.context.tenant.plugins == {"tax_rules"}
    assert made.left_out == ("fax",)


@pytest.mark.parametrize(
    ("country", "vat_id", "where", "number"),
    [
        ("DE", "136695976", "DE", "DE136695976"),
        ("DE", "de 136695976", "DE", "DE136695976"),
        ("GR", "094259216", "GR", "EL094259216"),
        ("DE", "ATU57194903", "AT", "ATU57194903"),  # registered abroad alone
        ("GB", "XI980780684", "GB", "XI980780684"),
        ("US", "12-3456789", "US", "123456789"),
    ],
)
def test_the_prefix_of_a_number_tells_where_it_holds(app, country, vat_id, where, number):
    ctx = open_tenant("shop", country=country, vat_id=vat_id, time_zone="UTC")
    (registration,) = ctx.tenant.registrations
    assert (registration.country, registration.number) == (where, number)
    assert (registration.valid_from, registration.valid_to) == (None, None)


# Changing


def test_settings_change_and_the_context_knows(ctx):
    with ctx.acting():
        changed = company.change(
            ctx,
            TenantChange(
                street="1 High Street",
                city="London",
                tax_rounding="line",
                cash_rounding=5,
                payment_days=14,
                prices_include_tax=True,
            ),
        )
    assert changed.tenant.party.address.city == "London"
    assert changed.tenant.totals.tax_rounding is TaxRounding.LINE
    assert changed.tenant.totals.cash_rounding == 5
    assert changed.tenant.totals.prices_include_tax
    assert changed.tenant.payment_days == 14
    assert changed.tenant.version == ctx.tenant.version + 1
    assert operator_context("shop").tenant == changed.tenant


def test_a_change_is_noted_by_its_fields_and_not_by_its_words(ctx):
    with ctx.acting():
        company.change(ctx, TenantChange(city="London", vat_id="DE136695976"))
        details = db.session.scalars(
            select(Audit.details).where(Audit.action == "tenant.changed")
        ).one()
    assert details == {"fields": "city vat_id"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "input.missing"),
        ({"time_zone": ""}, "input.missing"),
        ({"language": ""}, "input.missing"),
        ({"supplies": "magic"}, "input.unknown_choice"),
        ({"tax_rounding": "never"}, "input.unknown_choice"),
        ({"tax_engine": "fax.engine"}, "input.unknown_choice"),
        ({"email": "nobody"}, "email.malformed"),
        ({"payment_days": -1}, "number.not_whole"),
        ({"payment_days": 4_000}, "number.not_whole"),
        ({"cash_rounding": -5}, "number.not_whole"),
        ({"vat_id": "GB980780684"}, "tenant.vat_id_known"),
        ({"vat_id": "GB980780685"}, "tax_number.mistyped"),
    ],
)
def test_a_wrong_change_is_refused_whole(ctx, change, code):
    with ctx.acting(), pytest.raises(ValidationFailed) as failed:
        company.change(ctx, TenantChange(**{"city": "London", **change}))
    assert [problem.code for problem in failed.value.problems] == [code]
    assert operator_context("shop").tenant == ctx.tenant


def test_a_second_registration_stands_beside_the_first(ctx):
    with ctx.acting():
        changed = company.change(ctx, TenantChange(vat_id="DE136695976"))
    assert {one.country for one in changed.tenant.registrations} == {"GB", "DE"}
    assert changed.tenant.party.tax_number == "GB980780684"  # its own country's is printed


def test_what_is_fixed_cannot_even_be_asked_for():
    names = set(TenantChange.__dataclass_fields__)
    assert not names & {"slug", "country", "currency", "is_sandbox", "clock_offset_seconds"}


# The clock of a sandbox


def test_a_sandbox_moves_its_clock_forward(app):
    ctx = open_tenant("shop", is_sandbox=True)
    with ctx.acting():
        later = sandbox_clocks.advance(ctx, timedelta(days=31))
        later = sandbox_clocks.advance(later, timedelta(hours=2))
    ahead = later.now() - SystemClock().now()
    assert timedelta(days=31, hours=1, minutes=59) < ahead < timedelta(days=31, hours=2, minutes=1)
    assert operator_context("shop").clock == later.clock


@pytest.mark.parametrize("by", [timedelta(0), timedelta(days=-1), timedelta(days=3_651)])
def test_a_sandboxs_clock_never_goes_back_nor_far(app, by):
    ctx = open_tenant("shop", is_sandbox=True)
    with ctx.acting(), pytest.raises(ValidationFailed):
        sandbox_clocks.advance(ctx, by)
    assert operator_context("shop").clock == SystemClock()


def test_a_real_tenant_lives_in_real_time(ctx):
    with ctx.acting(), pytest.raises(Conflict):
        sandbox_clocks.advance(ctx, timedelta(days=1))


# Finding


def test_tenants_are_found_by_their_slug(app):
    open_tenant("shop")
    open_tenant("acme")
    assert [entry.slug for entry in tenants.listing()] == ["acme", "shop"]
    assert tenants.find("acme").name == "Acme Ltd"
    for find in (tenants.find, operator_context):
        with pytest.raises(NotFound):
            find("nobody")


def test_a_context_sees_a_plugin_at_once(ctx):
    with ctx.acting():
        plugins.disable(ctx, "tax_rules")
    assert operator_context("shop").tenant.plugins == {*tenants.DEFAULT_PACK} - {"tax_rules"}


def test_books_of_two_tenants_are_two(app):
    one, two = open_tenant("shop"), open_tenant("acme", currency="EUR")
    counts = []
    for ctx in (one, two):
        with tenant_scope(ctx.tenant.id):
            assert db.session.scalar(select(func.count()).select_from(JournalHead)) == 1
            assert db.session.scalar(select(func.count()).select_from(TaxRegistration)) == 1
            counts.append(db.session.scalars(select(Account.currency).distinct()).all())
    assert counts == [["GBP"], ["EUR"]]


# The whole of a company's settings


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(ctx):
    with ctx.acting():
        seen = company.settings(ctx).version
        company.change(ctx, TenantChange(city="London"), version=seen)
        with pytest.raises(Conflict):
            company.change(ctx, TenantChange(city="Leeds"), version=seen)
        assert company.settings(ctx).city == "London"
