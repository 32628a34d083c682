"""Designs before they are saved: what a change would look like, with nothing written."""

import pytest
from sqlalchemy import func, select

from billhook.db import db
from billhook.domain.brands import BankAccount, Block
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, Forbidden, NotFound, ValidationFailed
from billhook.models.audit import Audit
from billhook.services import brands, design_previews, templates
from billhook.services.brand_changes import BrandInput
from billhook.services.brands import NEW
from billhook.services.templates import TemplateInput

from .test_brands import picture

INVOICE = DocumentType.INVOICE


def page(ctx, **given):
    design = design_previews.of_brand(ctx, BrandInput(**given), INVOICE)
    return design_previews.document_page(ctx, design)


def test_a_change_shows_before_it_is_saved_and_nothing_is_written(ctx):
    acts = select(func.count()).select_from(Audit)
    before, stored = db.session.scalar(acts), brands.get(ctx)
    html = page(ctx, legal_text="Acme, registered in Bonn", colours={"accent": "#123456"})
    assert "Acme, registered in Bonn" in html
    assert "#123456" in html
    assert brands.get(ctx) == stored
    assert db.session.scalar(acts) == before


def test_what_is_wrong_is_left_as_it_stands_while_the_rest_shows(ctx):
    half = BankAccount(holder="Acme", iban="DE893704")
    html = page(ctx, legal_text="Bonn", bank_accounts=(half,), colours={"accent": "#12"})
    assert "Bonn" in html
    assert "DE893704" not in html


def test_a_new_brand_begins_like_the_default_one(ctx):
    brands.save(ctx, BrandInput(legal_text="As always"))
    assert "As always" in page(ctx, code="north", name="North", version=NEW)
    with pytest.raises(NotFound):
        page(ctx, code="north", name="North")


def test_a_logo_shows_before_it_is_kept(ctx):
    assert "data:image/png;base64," in page(ctx, logo=picture())
    assert "data:image/" not in page(ctx, logo=b"no picture")
    brands.save(ctx, BrandInput(logo=picture()))
    assert "data:image/png;base64," in page(ctx)
    assert "data:image/" not in page(ctx, logo=b"")
    assert brands.get(ctx).logo is not None


def test_a_page_loads_nothing(ctx):
    html = page(ctx, logo=picture(), website="www.acme.example")
    assert "resource:" not in html
    assert ' src="http' not in html


def test_the_mail_shows_the_logo_and_speaks_the_tenants_language(ctx):
    design = design_previews.of_brand(ctx, BrandInput(logo=picture()), INVOICE)
    html = design_previews.mail_page(ctx, design)
    assert "data:image/png;base64," in html
    assert "cid:" not in html


def test_a_template_shows_its_texts_in_their_language(ctx):
    given = TemplateInput(
        document_type=INVOICE, language="de", title="Rechnung {number}", intro="Guten Tag"
    )
    html = design_previews.document_page(ctx, design_previews.of_template(ctx, given))
    assert "Guten Tag" in html
    assert templates.template(ctx, brands.get(ctx).id, INVOICE).version == 0


def test_a_template_without_lines_keeps_those_that_it_has(ctx):
    given = TemplateInput(document_type=INVOICE, blocks=["intro"], columns=["description", "net"])
    template = design_previews.of_template(ctx, given).template
    assert Block.LINES in template.blocks
    assert [one.value for one in template.columns] == ["description", "net"]


def test_a_credit_note_names_what_it_credits(ctx):
    kind = DocumentType.CREDIT_NOTE
    design = design_previews.of_brand(ctx, BrandInput(), kind)
    assert design.template.document_type is kind
    assert "0000" in design_previews.document_page(ctx, design)


def test_of_two_who_change_a_brand_at_once_the_second_is_told(ctx):
    seen = brands.get(ctx).version
    brands.save(ctx, BrandInput(name="One", version=seen))
    with pytest.raises(Conflict):
        brands.save(ctx, BrandInput(name="Two", version=seen))
    kept = TemplateInput(document_type=INVOICE, blocks=["lines", "totals"], version=0)
    templates.save(ctx, kept)
    with pytest.raises(Conflict):
        templates.save(ctx, kept)
    assert brands.get(ctx).name == "One"


def test_a_new_brand_never_changes_one_that_is_there(ctx):
    brands.save(ctx, BrandInput(code="north", name="North", version=NEW))
    with pytest.raises(ValidationFailed) as refused:
        brands.save(ctx, BrandInput(code="north", name="Other", version=NEW))
    assert [(one.path, one.code) for one in refused.value.problems] == [
        ("code", "brand.code_taken")
    ]


def test_who_may_not_see_brands_sees_no_preview(ctx, with_permissions):
    with pytest.raises(Forbidden):
        page(with_permissions(ctx, "documents.view"))
