"""First steps: ticked off by what is there, ended by an invoice that one sends to oneself."""

import pytest

from billhook.db import db
from billhook.services import brands, delivering, documents, guide
from billhook.services.brand_changes import BrandInput
from billhook.services.guide import Step
from billhook.testing.browser import Page
from billhook.testing.members import join, open_tenant
from billhook.testing.outward import RENDERER
from billhook.web import help_topics


@pytest.fixture
def olga(office):
    return office.visit()


def test_what_is_done_is_read_from_what_is_there(office, olga):
    found = guide.state(office.ctx)
    assert found.done == {Step.TAX, Step.LOGO, Step.CUSTOMER, Step.TEST}
    assert found.next is Step.COMPANY
    text = Page(olga.get("/guide").text).text
    assert "4 of 7 are done." in text
    assert "Say who you are" in text


def test_one_task_at_a_time_leads_to_its_page_and_back(olga):
    page = olga.get("/guide?step=product")
    assert "Add a product" in page.text
    assert "/guide/go/product" in page.text
    assert "Back to the first steps" not in olga.get("/settings/company").text
    assert olga.get("/guide/go/company").location == "/settings/company"
    assert "Back to the first steps" in olga.get("/settings/company").text
    olga.get("/guide")
    assert "Back to the first steps" not in olga.get("/settings/company").text


def test_the_card_is_put_away_and_brought_back(olga):
    assert "First steps" in olga.get("/guide/card").text
    olga.send("/guide/dismiss", page="/guide")
    assert olga.get("/guide/card").text.strip() == ""
    olga.send("/guide/resume", page="/guide")
    assert "First steps" in olga.get("/guide/card").text


def test_a_real_company_mails_a_sample_that_takes_no_number(office, olga):
    before = len(documents.listing(office.ctx))
    assert olga.send("/guide/test", page="/guide?step=test").status_code == 303
    db.session.rollback()
    assert len(documents.listing(office.ctx)) == before
    (sent,) = [one for one in office.paper.sent if one.document_id is None]
    assert [one.address for one in sent.recipients] == [office.admin.email]


def test_a_sandbox_issues_and_sends_a_test_invoice_in_one_click(office, browse):
    plugins = ("pricing_standard", "tax_rules", "paper")
    ctx = open_tenant("try", country="GB", currency="GBP", is_sandbox=True, pack=plugins)
    with ctx.acting():
        brands.save(ctx, BrandInput(renderer=RENDERER))
    ada = join("try", "ada@try.example")
    db.session.rollback()
    browser = browse(application=office.app)
    browser.log_in(ada.email)
    answer = browser.send("/guide/test", page="/guide?step=test")
    assert answer.status_code == 303, Page(answer.text).text
    assert answer.location.startswith("/documents/")
    db.session.rollback()
    with ctx.acting():
        (issued,) = documents.listing(ctx)
        (delivery,) = delivering.listing(ctx)
        assert issued.customer == guide.TEST_CUSTOMER
        assert [one.address for one in delivery.recipients] == ["ada@try.example"]
        delivering.attempt(ctx, delivery.id)
        assert Step.TEST in guide.state(ctx).done
    assert office.paper.sent == [one for one in office.paper.sent if one.document_id]


def test_a_member_who_may_not_see_settings_sees_no_guide(office):
    assert office.signed_in("clerk").get("/guide").status_code == 403


def test_each_page_that_explains_itself_has_its_text(app, olga):
    topics = {*help_topics.BY_BLUEPRINT.values(), *help_topics.BY_ENDPOINT.values()}
    folder = set(app.jinja_env.list_templates(filter_func=lambda name: name.startswith("help/")))
    assert folder == {f"help/{topic}.html" for topic in topics}
    for path, words in (
        ("/settings/company", "printed on each document as the seller"),
        ("/series", "none is missing"),
        ("/documents", "They never change"),
    ):
        assert words in Page(olga.get(path).text).text
