"""Mails about documents: in their language and tone, safe in their headers, whole in both parts."""

from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image

from billhook.domain.deliveries import Tone
from billhook.domain.publications import Stage
from billhook.services import brands
from billhook.services.brand_changes import BrandInput
from billhook.services.messages import MOST_LINES, document_message, message_view
from billhook.services.samples import SAMPLES, lines

ONE = SAMPLES["one-line"]("default")


def in_language(publication, language, contact=""):
    document = publication.document
    party = replace(document.buyer.party, contact_name=contact)
    buyer = replace(document.buyer, party=party)
    return replace(publication, document=replace(document, language=language, buyer=buyer))


@pytest.mark.parametrize(
    ("language", "tone", "greeting", "first", "closing"),
    [
        (
            *("en", Tone.FORMAL, "Dear Sir or Madam,"),
            *("Please find attached our invoice RE-2026-00042", "Kind regards"),
        ),
        (*("en", Tone.FRIENDLY, "Hello,"), *("Here is your invoice RE-2026-00042", "Best wishes")),
        (
            *("de", Tone.FORMAL, "Sehr geehrte Damen und Herren,"),
            *("anbei erhalten Sie unsere Rechnung", "Mit freundlichen Grüßen"),
        ),
        (*("de", Tone.FRIENDLY, "Hallo,"), *("hier ist deine Rechnung", "Viele Grüße")),
        (
            *("fr", Tone.FORMAL, "Madame, Monsieur,"),
            *("Veuillez trouver ci-joint", "Cordialement"),
        ),
        (*("fr", Tone.FRIENDLY, "Bonjour,"), *("Voici ta facture", "Bien à toi")),
        (
            *("es", Tone.FORMAL, "Estimados señores:"),
            *("Adjuntamos nuestra factura", "Atentamente"),
        ),
        (*("es", Tone.FRIENDLY, "Hola:"), *("Aquí tienes tu factura", "Un saludo")),
    ],
)
def test_a_mail_speaks_the_documents_language_in_its_tone(
    language, tone, greeting, first, closing
):
    view = message_view(in_language(ONE, language), tone)
    assert (view.greeting, view.closing) == (greeting, (closing,))
    assert view.paragraphs[0].startswith(first)


def test_a_contact_is_greeted_by_name():
    view = message_view(in_language(ONE, "en", "Ada Lovelace"), Tone.FRIENDLY)
    assert view.greeting == "Hello Ada Lovelace,"


def test_a_credit_note_names_the_invoice_and_asks_for_no_money():
    view = message_view(SAMPLES["credit-note"]("default"), Tone.FORMAL)
    assert view.subject == "Avoir GS-2026-00007 de Lindenhof Studio GmbH"
    assert "RE-2026-00031" in view.paragraphs[0]
    assert "régler" not in " ".join(view.paragraphs)


def test_a_draft_of_a_sandbox_says_so_in_the_subject():
    draft = replace(ONE, stage=Stage.DRAFT, is_sandbox=True)
    assert message_view(draft, Tone.FORMAL).subject.startswith("[ENTWURF · TEST] Rechnung")


def test_a_subject_is_one_line_of_printable_characters_whatever_the_names_hold():
    seller = ONE.document.seller
    party = replace(seller.party, name="Shop\r\nBcc: eve@evil.example\n")
    document = replace(ONE.document, seller=replace(seller, party=party), language="he")
    subject = message_view(replace(ONE, document=document), Tone.FORMAL).subject
    assert subject.isprintable()
    assert subject == "Invoice RE-2026-00042 from Shop Bcc: eve@evil.example"


def test_a_short_document_is_shown_whole_and_a_long_one_only_in_sum():
    assert len(message_view(lines(MOST_LINES, "default"), Tone.FORMAL).lines) == MOST_LINES
    long = message_view(lines(MOST_LINES + 1, "default"), Tone.FORMAL)
    assert long.lines == ()
    assert long.totals[-1].is_payable


@pytest.mark.parametrize("tone", Tone)
def test_a_message_has_both_parts_and_the_logo(ctx, tone):
    drawn = BytesIO()
    Image.new("RGB", (30, 10), "#336699").save(drawn, "PNG")
    brand = brands.save(ctx, BrandInput(logo=drawn.getvalue()))
    message = document_message(ctx, replace(ONE, brand=brand), tone)
    assert message.subject == "Rechnung RE-2026-00042 von Lindenhof Studio GmbH"
    assert [one.name for one in message.pictures] == ["logo.png"]
    assert 'src="cid:logo.png"' in message.html
    assert "RE-2026-00042" in message.text
    assert "<" not in message.text
