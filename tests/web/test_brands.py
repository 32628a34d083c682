"""Brands and templates in the browser: a sample follows what is typed, saving holds for what comes."""

from base64 import b64decode
from io import BytesIO

import pytest
from tests.services.test_brands import IBAN, picture

from billhook.db import db
from billhook.domain.brands import BankAccount, Block, Column, LegalLink
from billhook.domain.states import DocumentType
from billhook.errors import Retryable
from billhook.services import brands, documents, templates
from billhook.services.brand_changes import BrandInput
from billhook.testing.browser import Page

INVOICE = DocumentType.INVOICE
EDITOR, TEMPLATE = "/brands/default", "/brands/default/templates/invoice"


@pytest.fixture
def olga(office):
    return office.visit()


def brand(office, code=""):
    db.session.rollback()
    return brands.get(office.ctx, code)


def typed(office, **told):
    """Return the fields of the editor as they stand, with what somebody types."""
    known = brand(office)
    held = {"name": known.name, "theme": known.theme, "renderer": known.renderer}
    return {**held, "version": str(known.version), "of": "default", **told}


def test_the_list_shows_each_brand_with_its_sample(office, olga):
    page = olga.get("/brands")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    frames = Page(page.text).all("iframe")
    assert [frame["src"] for frame in frames] == ["/brands/default/preview"]
    assert all("sandbox" in frame for frame in frames)


def test_a_sample_runs_nothing_and_loads_nothing(olga):
    sample = olga.get("/brands/default/preview")
    policy = sample.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert sample.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert all(one["src"].startswith("data:") for one in Page(sample.text).all("img"))


def test_what_is_typed_shows_and_is_not_saved(office, olga):
    told = typed(office, legal_text="Bonn <b>HRB 1</b>", **{"colour-accent": "#123456"})
    shown = olga.send("/brands/_preview", told, page=EDITOR)
    assert shown.status_code == 200
    assert "Bonn &lt;b&gt;HRB 1" in shown.text
    assert "#123456" in shown.text
    mail = olga.send("/brands/_preview", {**told, "shown": "mail"}, page=EDITOR)
    assert "#123456" in mail.text
    assert brand(office).legal_text == ""


@pytest.mark.parametrize("theme", ["default", "atelier"])
@pytest.mark.parametrize("shown", ["portal_home", "portal_document", "portal_log_in"])
def test_the_portal_is_shown_as_it_is_typed_and_loads_nothing(office, olga, shown, theme):
    links = {"legal_links-0-label": "Imprint & Co", "legal_links-0-address": "https://x.example"}
    told = typed(office, theme=theme, font="inter", **links, **{"colour-accent": "#ffee00"})
    page = olga.send("/brands/_preview", {**told, "shown": shown}, page=EDITOR)
    assert page.status_code == 200
    assert "Imprint &amp; Co" in page.text
    found = Page(page.text)
    (sheet,) = found.all("link")
    style = b64decode(sheet["href"].partition(",")[2]).decode()
    assert "--accent:#ffee00;" in style
    assert "--on-accent:#000000;" in style
    assert "url(data:font/woff2;base64," in style
    assert "../" not in style
    assert all(one["src"].startswith("data:") for one in found.all("img"))
    assert {one["href"] for one in found.all("a")} <= {"#", "#content"}
    assert (brand(office).theme, brand(office).legal_links) == ("default", ())


def test_a_typeface_an_icon_and_legal_links_are_saved_and_said_where_they_are_wrong(office, olga):
    links = {
        "legal_links-1-label": "Imprint",
        "legal_links-1-address": "https://x.example/imprint",
    }
    icon = {"favicon": (BytesIO(picture(size=(16, 16))), "icon.png")}
    saved = olga.send(
        EDITOR, {**typed(office, font="source-serif-4"), **links, **icon}, page=EDITOR
    )
    assert saved.status_code == 303, saved.text
    made = brand(office)
    assert (made.font, made.favicon.content_type) == ("source-serif-4", "image/png")
    assert made.legal_links == (LegalLink(label="Imprint", address="https://x.example/imprint"),)
    assert olga.get(f"{EDITOR}/icon").mimetype == "image/png"
    wrong = {"legal_links-1-label": "Bad", "legal_links-1-address": "javascript:alert(1)"}
    icon = {"favicon": (BytesIO(b"GIF89a"), "icon.gif")}
    page = olga.send(EDITOR, {**typed(office, font="comic"), **wrong, **icon}, page=EDITOR)
    assert page.status_code == 422
    for complaint in ("cannot be linked to", "neither a PNG nor an ICO", "no typeface “comic”"):
        assert complaint in page.text
    assert brand(office).version == made.version
    gone = olga.send(EDITOR, typed(office, drop_favicon="y"), page=EDITOR)
    assert gone.status_code == 303
    assert (brand(office).favicon, brand(office).legal_links) == (None, ())


def test_the_button_opens_the_real_file_marked_as_a_draft(office, olga):
    made = olga.send("/brands/_file", typed(office, name="Nord"), page=EDITOR)
    assert (made.status_code, made.mimetype) == (200, "application/pdf")
    assert b"DRAFT" in made.data


def test_saving_holds_for_what_is_issued_from_now_on(office, olga):
    told = typed(office, sender_name="Nord", legal_text="HRB 1", **{"colour-accent": "#123456"})
    account = {"bank_accounts-0-holder": "Office", "bank_accounts-0-iban": IBAN}
    answer = olga.send(EDITOR, {**told, **account}, page=EDITOR)
    assert answer.status_code == 303
    found = brand(office)
    assert (found.sender.name, found.legal_text) == ("Nord", "HRB 1")
    assert found.colours == (("accent", "#123456"),)
    assert found.bank_accounts == (BankAccount(holder="Office", iban=IBAN),)
    assert found.logo is not None  # nobody sent another one


def test_what_is_wrong_is_told_at_its_account_and_colour(office, olga):
    accounts = {
        "bank_accounts-0-holder": "",
        "bank_accounts-1-holder": "Office",
        "bank_accounts-1-iban": "DE89370400440532013001",
    }
    told = typed(office, **{"colour-accent": "blue"}, **accounts)
    answer = olga.send(EDITOR, told, page=EDITOR)
    assert answer.status_code == 422
    wrong = {
        one["name"] for one in Page(answer.text).all("input") if one.get("aria-invalid") == "true"
    }
    assert wrong == {"bank_accounts-1-iban", "colour-accent"}
    assert brand(office).version == 1


def test_a_logo_is_uploaded_shown_and_taken_away(office, olga):
    def upload(content):
        data = typed(office, logo=(BytesIO(content), "logo.png"))
        return olga.client.post(EDITOR, data={**data, "csrf_token": olga.token(EDITOR)})

    assert upload(picture()).status_code == 303
    assert olga.get("/brands/default/logo").data == picture()
    refused = upload(b"no picture")
    assert refused.status_code == 422
    assert "neither a PNG nor a JPEG" in refused.text
    olga.send(EDITOR, typed(office, drop_logo="y"), page=EDITOR)
    assert brand(office).logo is None
    assert olga.get("/brands/default/logo").status_code == 404


def test_a_pale_colour_is_told_what_is_printed_instead(olga):
    pale = olga.get("/brands/_colour?colour-accent=%23ffee00").text
    assert "text is printed in #7f7700 instead" in pale
    assert "can be read" in olga.get("/brands/_colour?colour-accent=%23123456").text
    hostile = olga.get("/brands/_colour?colour-accent=<script>")
    assert "<script>" not in hostile.text


def test_a_new_brand_begins_like_the_default_one(office, olga):
    told = typed(office, code="north", name="North", of="", version="0")
    assert olga.send("/brands/_preview", told, page="/brands/_new").status_code == 200
    assert olga.send("/brands/_new", told).location == "/brands/north"
    assert brand(office, "north").name == "North"
    again = olga.send("/brands/_new", {**told, "name": "Other"})
    assert again.status_code == 422
    assert brand(office, "north").name == "North"


def test_of_two_who_save_the_second_sees_both(office, olga):
    told = typed(office, legal_text="Mine")
    with office.ctx.acting():
        brands.save(office.ctx, BrandInput(legal_text="Theirs"))
    answer = olga.send(EDITOR, told, page=EDITOR)
    assert answer.status_code == 422
    assert "Theirs" in answer.text
    assert "Mine</textarea>" in answer.text
    assert brand(office).legal_text == "Theirs"


# Templates


def layout(blocks=("lines", "totals"), columns=("description", "net"), **told):
    return {
        "blocks": list(blocks),
        "columns": list(columns),
        "language": "en",
        "version": "0",
        **told,
    }


def template(office):
    db.session.rollback()
    return templates.template(office.ctx, brands.get(office.ctx).id, INVOICE)


def test_a_templates_parts_are_chosen_put_in_order_and_shown(office, olga):
    told = layout(
        blocks=["totals", "lines", "intro"],
        **{"blocks-order": ["totals", "intro", "lines"], "intro": "Dear {customer}"},
    )
    shown = olga.send(f"{TEMPLATE}/preview", told, page=TEMPLATE)
    assert "Dear Sample client" in shown.text
    assert template(office).version == 0
    answer = olga.send(TEMPLATE, told)
    assert answer.location.startswith(TEMPLATE)
    saved = template(office)
    assert saved.blocks == (Block.TOTALS, Block.INTRO, Block.LINES)
    assert saved.columns == (Column.DESCRIPTION, Column.NET)
    assert saved.texts_in("en").intro == "Dear {customer}"


def test_a_part_moves_on_the_page_without_saving(office, olga):
    order = ["intro", "lines", "totals"]
    told = layout(**{"blocks-order": order, "title": "Bill", "move": "blocks:totals:up"})
    page = olga.send(TEMPLATE, told)
    hidden = [
        one["value"] for one in Page(page.text).all("input") if one.get("name") == "blocks-order"
    ]
    assert hidden[:3] == ["intro", "totals", "lines"]
    assert 'value="Bill"' in page.text
    assert template(office).version == 0


def test_what_no_document_can_do_without_stays(office, olga):
    olga.send(TEMPLATE, layout(blocks=["intro"], columns=["sku"]))
    saved = template(office)
    assert {Block.LINES, Block.TOTALS} <= set(saved.blocks)
    assert saved.columns[-1] is Column.NET
    assert Column.DESCRIPTION in saved.columns


def test_a_placeholder_that_is_none_is_told_at_its_text(office, olga):
    answer = olga.send(TEMPLATE, layout(intro="Dear {name}"))
    assert answer.status_code == 422
    assert "There is no placeholder {name}" in answer.text
    assert "{purchase_order}" in answer.text
    assert template(office).version == 0


def test_issued_documents_keep_the_look_that_they_went_out_with(office, olga):
    before = olga.get(f"/documents/{office.invoice}/pdf").data
    olga.send(TEMPLATE, layout(title="Quite another title"))
    assert olga.get(f"/documents/{office.invoice}/pdf").data == before
    assert documents.get(office.ctx, office.invoice).entry.number == "INV-2026-00001"


# A sample to oneself


def test_a_sample_goes_to_whoever_asks_and_takes_no_number(office, olga):
    told = {"kind": "invoice", "channel": "paper.pigeon"}
    assert olga.send("/brands/default/test", told).status_code == 303
    (sent,) = [one for one in office.paper.sent if one.document_id is None]
    assert [one.address for one in sent.recipients] == [office.admin.email]
    assert "DRAFT" in sent.message.subject
    assert b"DRAFT" in sent.files[0].content
    assert sent.document_id is None
    numbers = {one.number for one in documents.listing(office.ctx)}
    assert len(numbers) == 4


def test_what_the_channel_says_is_told(office, olga):
    office.paper.errors.append(Retryable("The loft is closed."))
    answer = olga.send("/brands/default/test", {"kind": "invoice", "channel": "paper.pigeon"})
    assert answer.status_code == 422
    assert "The loft is closed." in answer.text


def test_a_clerk_may_send_samples_and_not_design(office):
    clerk = office.signed_in("clerk")
    assert clerk.get("/brands/default/test").status_code == 200
    assert clerk.get(EDITOR).status_code == 403
    auditor = office.signed_in("auditor")
    assert auditor.get(EDITOR).status_code == 200
    assert auditor.post(EDITOR, typed(office)).status_code in (400, 403)
    assert brand(office).version == 1
