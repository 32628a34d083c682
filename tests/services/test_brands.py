"""Brands: one from the start, others by code, and nothing in them that a page could not show."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pytest
from flask import current_app
from PIL import Image

from billhook.db import db
from billhook.domain.brands import BankAccount
from billhook.domain.states import DocumentType
from billhook.errors import Forbidden, NotFound, ValidationFailed
from billhook.models.brands import BrandRow
from billhook.services import audit, brands, company, customers, preferences, templates
from billhook.services.brand_changes import BrandInput
from billhook.services.brand_pictures import LOGO_BYTES
from billhook.services.company import TenantChange
from billhook.services.contexts import operator_context
from billhook.services.customers import CustomerInput
from billhook.services.templates import TemplateInput
from billhook.testing.shops import acting

IBAN = "DE89370400440532013000"


def picture(kind="PNG", size=(30, 10)):
    out = BytesIO()
    Image.new("RGB", size, "#336699").save(out, kind)
    return out.getvalue()


def codes(ctx, **given):
    with pytest.raises(ValidationFailed) as refused:
        brands.save(ctx, BrandInput(**given))
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_a_new_tenant_has_one_brand_in_its_name(ctx):
    (brand,) = brands.listing(ctx)
    assert (brand.code, brand.name, brand.theme) == ("default", "Acme", "default")
    assert (brand.renderer, brand.is_default) == ("render_pdf.xhtml2pdf", True)


def test_a_tenant_that_is_older_than_brands_gets_one_when_it_needs_it(ctx):
    with ctx.transaction() as session:
        session.delete(brands.default_row(ctx))
    (customer_id,) = _customers(ctx, "C1")
    assert brands.of_customers(ctx, [customer_id])[customer_id].code == "default"
    assert len(brands.listing(ctx)) == 1


def _customers(ctx, *references):
    customers.upsert(
        ctx,
        [
            CustomerInput(reference=one, name=one, country="DE", currency="EUR")
            for one in references
        ],
    )
    return [customers.get(ctx, one).id for one in references]


def test_a_customer_has_the_brand_of_its_choice_else_the_default(ctx):
    chosen, other = _customers(ctx, "C1", "C2")
    brands.save(ctx, BrandInput(code="north", name="North"))
    preferences.save(ctx, "C1", preferences.PreferenceChange(brand="north"))
    found = brands.of_customers(ctx, [chosen, other])
    assert {id_: brand.code for id_, brand in found.items()} == {chosen: "north", other: "default"}


def test_a_change_counts_and_is_audited(ctx):
    before = brands.get(ctx)
    after = brands.save(ctx, BrandInput(name="Acme Studio", colours={"accent": "#0B5CAD"}))
    assert (after.id, after.name, after.colours) == (
        before.id,
        "Acme Studio",
        (("accent", "#0b5cad"),),
    )
    assert after.version == before.version + 1
    assert brands.get(ctx) == after
    assert "brand.changed" in [entry.action for entry in audit.listing(ctx)]


def test_an_empty_colour_goes_back_to_the_themes(ctx):
    brands.save(ctx, BrandInput(colours={"accent": "#0b5cad"}))
    assert brands.save(ctx, BrandInput(colours={"accent": ""})).colours == ()


def test_another_brand_becomes_the_default_and_there_is_only_one(ctx):
    brands.save(ctx, BrandInput(code="north", is_default=True))
    assert [(one.code, one.is_default) for one in brands.listing(ctx)] == [
        ("default", False),
        ("north", True),
    ]
    assert brands.get(ctx).code == "north"


def test_a_new_brand_is_like_the_default_but_for_its_looks(ctx):
    account = BankAccount(holder="Acme", iban=IBAN)
    brands.save(ctx, BrandInput(bank_accounts=(account,), colours={"accent": "#000000"}))
    north = brands.save(ctx, BrandInput(code="north"))
    assert (north.bank_accounts, north.colours, north.logo) == ((account,), (), None)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"name": " "}, [("name", "input.missing")]),
        ({"code": "Nord Süd"}, [("code", "brand.code_malformed")]),
        ({"theme": "nothing"}, [("theme", "input.unknown_choice")]),
        ({"theme": ""}, [("theme", "input.missing")]),
        ({"renderer": "nothing.at_all"}, [("renderer", "input.unknown_choice")]),
        ({"colours": {"accent": "red"}}, [("colours.accent", "brand.colour_malformed")]),
        (
            {"colours": {"accent": "#fff;} body{"}},
            [("colours.accent", "brand.colour_malformed")],
        ),
        ({"colours": {"ground": "#ffffff"}}, [("colours.ground", "brand.colour_unknown")]),
        ({"sender_email": "nobody"}, [("sender_email", "email.malformed")]),
        ({"sender_email": "a@b.example\nBcc: c@d.example"}, [("sender_email", "email.malformed")]),
        ({"reply_to": "a@b.example, c@d.example"}, [("reply_to", "email.malformed")]),
        ({"sender_name": "Acme\r\nBcc: c@d.example"}, [("sender_name", "input.unprintable")]),
        ({"website": "a\nb"}, [("website", "input.unprintable")]),
        ({"legal_text": "x" * 401}, [("legal_text", "input.too_long")]),
        ({"logo": b"GIF89a"}, [("logo", "brand.logo_unknown")]),
        ({"logo": picture()[:-20]}, [("logo", "brand.logo_unknown")]),
        ({"logo": picture("JPEG")[:-20]}, [("logo", "brand.logo_unknown")]),
        ({"logo": picture(size=(4_001, 1))}, [("logo", "brand.logo_too_large")]),
        ({"logo": b"\x89PNG\r\n\x1a\n" + bytes(LOGO_BYTES)}, [("logo", "brand.logo_too_large")]),
        (
            {"bank_accounts": (BankAccount(holder="A", iban="DE89370400440532013001"),)},
            [("bank_accounts.0.iban", "brand.iban_wrong")],
        ),
        (
            {"bank_accounts": (BankAccount(holder="A", iban=IBAN, bic="COBA"),)},
            [("bank_accounts.0.bic", "brand.bic_wrong")],
        ),
        (
            {"bank_accounts": (BankAccount(holder="A"),)},
            [("bank_accounts.0", "brand.account_incomplete")],
        ),
        (
            {"bank_accounts": (BankAccount(holder="", iban=IBAN),)},
            [("bank_accounts.0.holder", "input.missing")],
        ),
        (
            {"bank_accounts": (BankAccount(holder="A", iban=IBAN),) * 11},
            [("bank_accounts", "brand.accounts_too_many")],
        ),
    ],
)
def test_what_no_page_or_mail_could_use_is_refused_and_nothing_changed(ctx, given, found):
    before = brands.listing(ctx)
    assert codes(ctx, **given) == found
    assert brands.listing(ctx) == before


def test_an_iban_is_kept_without_spaces_and_in_capitals(ctx):
    account = BankAccount(holder="A", iban="de89 3704 0044 0532 0130 00", bic="cobadeffxxx")
    (kept,) = brands.save(ctx, BrandInput(bank_accounts=(account,))).bank_accounts
    assert (kept.iban, kept.bic) == (IBAN, "COBADEFFXXX")


@pytest.mark.parametrize(("kind", "name"), [("PNG", "logo.png"), ("JPEG", "logo.jpg")])
def test_a_logo_comes_back_as_it_was_given(ctx, kind, name):
    content = picture(kind)
    brand = brands.save(ctx, BrandInput(logo=content))
    found = brands.logo(ctx, brand)
    assert (found.name, found.content) == (name, content)
    assert brands.pictures(ctx, brand) == {name: content}
    gone = brands.save(ctx, BrandInput(logo=b""))
    assert brands.logo(ctx, gone) is None


def test_a_png_that_unpacks_to_more_than_it_says_is_refused(ctx):
    header, tail = picture()[:33], b"\x00\x00\x00\x00IEND\xaeB`\x82"
    bomb = zlib.compress(bytes(50_000_000))
    chunk = b"IDAT" + bomb
    content = header + len(bomb).to_bytes(4) + chunk + zlib.crc32(chunk).to_bytes(4) + tail
    assert codes(ctx, logo=content) == [("logo", "brand.logo_unknown")]


def test_only_who_may_sees_and_changes_brands(ctx, with_permissions):
    with pytest.raises(Forbidden):
        brands.get(with_permissions(ctx, "documents.view"))
    with pytest.raises(Forbidden):
        brands.save(with_permissions(ctx, "brands.view"), BrandInput(name="Mine"))


def test_a_brand_that_is_not_there_is_not_found(ctx):
    with pytest.raises(NotFound):
        brands.get(ctx, "south")


def test_one_tenants_brands_are_not_anothers(ctx, other_ctx):
    brands.save(ctx, BrandInput(code="north", name="North"))
    with other_ctx.acting():
        assert [one.code for one in brands.listing(other_ctx)] == ["default"]
        with pytest.raises(NotFound):
            brands.get(other_ctx, "north")


def test_two_that_make_the_first_brand_at_once_make_one(ctx):
    with ctx.transaction():
        brands.create_default(ctx)
        brands.create_default(replace(ctx))
    assert db.session.query(BrandRow).count() == 1


def test_a_brand_without_a_sender_speaks_for_the_tenant(ctx):
    company.change(ctx, TenantChange(email="billing@acme.example"))
    changed = operator_context(ctx.tenant.slug)
    sender = brands.get(changed).sender
    assert (sender.name, sender.email) == (changed.tenant.party.name, "billing@acme.example")
    brands.save(changed, BrandInput(sender_name="Ada", sender_email="ada@acme.example"))
    sender = brands.get(changed).sender
    assert (sender.name, sender.email) == ("Ada", "ada@acme.example")


def test_changes_at_once_take_turns(ctx):
    """The same new brand, a new default each, and a text each: all end well, nothing is lost."""
    app, slug = current_app._get_current_object(), ctx.tenant.slug
    brands.get(ctx)
    db.session.rollback()

    def change(number):
        with app.app_context(), acting(slug) as theirs:
            brands.save(theirs, BrandInput(code="north", name=f"North {number}"))
            brands.save(theirs, BrandInput(code=f"south-{number}", is_default=True))
            texts = TemplateInput(
                brand="north",
                document_type=DocumentType.INVOICE,
                language=("en", "de", "fr", "es")[number],
                terms=f"Terms {number}",
            )
            templates.save(theirs, texts)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, range(4)))
    found = brands.listing(ctx)
    assert [one.code for one in found].count("north") == 1
    assert sum(one.is_default for one in found) == 1
    north = next(one for one in found if one.code == "north")
    kept = dict(templates.template(ctx, north.id, DocumentType.INVOICE).texts)
    assert set(kept) == {"en", "de", "fr", "es"}
