"""Documents and mails are complete in each of their languages."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from billhook.i18n import language
from billhook.services import presenting
from billhook.services.presenting.texts import gettext

PACKAGE = Path(presenting.__file__).parent
LANGUAGES = ("de", "es", "fr")
ADVICE = "docs/howto/translate-documents.md says how catalogues are brought up to date."


def wanted() -> set[str]:
    found = extract_from_dir(str(PACKAGE), keywords={"_": None}, callback=None)
    return {message for _file, _line, message, _comments, _context in found}


def catalogue(code: str):
    with (PACKAGE / "translations" / code / "LC_MESSAGES" / "documents.po").open("rb") as file:
        return read_po(file, locale=code, abort_invalid=True)


def test_there_is_a_catalogue_for_each_language_and_no_other():
    assert sorted(each.name for each in (PACKAGE / "translations").iterdir()) == list(LANGUAGES)


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_missing_left_over_or_doubtful(code):
    found = {message.id: message for message in catalogue(code) if message.id}
    assert found.keys() == wanted(), ADVICE
    assert [one.id for one in found.values() if not one.string or one.fuzzy] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_translation_fills_in_what_the_text_does(code):
    def named(text):
        return sorted(re.findall(r"%\((\w+)\)s", text))

    differing = [
        one.id for one in catalogue(code) if one.id and named(one.id) != named(one.string)
    ]
    assert differing == []
    assert [one.id for one in catalogue(code) if "%" in re.sub(r"%\(\w+\)s", "", one.string)] == []


@pytest.mark.parametrize(
    ("code", "text"),
    [("de", "Rechnung"), ("de-CH", "Rechnung"), ("fr-CA", "Facture"), ("es", "Factura")],
)
def test_a_text_is_found_in_a_language_and_its_regions(code, text):
    with language(code):
        assert gettext("Invoice") == text


def test_english_stands_in_for_a_language_without_a_catalogue():
    with language("ja"):
        assert gettext("Invoice") == "Invoice"


FAMILIAR = {
    "de": r"\b([dD]u|[dD]eine?[rmns]?|[dD]ir|[dD]ich)\b",
    "fr": r"\b([Tt]u|[Tt]on|[Tt]a|[Tt]es|[Tt]oi|[Tt]e)\b",
    "es": r"\b([Tt]ú|[Tt]us?|[Tt]ienes|[Tt]e)\b",
}
POLITE = {
    "de": r"\b(Sie|Ihnen|Ihre?[rmns]?)\b",
    "fr": r"\b[Vv](ous|otre|os)\b",
    "es": r"\b(usted|[Ll]e|[Ss]us?)\b",
}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("sample", ["one-line", "credit-note", "letter"])
def test_a_mail_keeps_to_its_tone(code, sample):
    from dataclasses import replace

    from billhook.domain.deliveries import Tone
    from billhook.services.messages import message_view
    from billhook.services.samples import SAMPLES

    found = SAMPLES[sample]("default")
    publication = replace(found, document=replace(found.document, language=code))
    words = {
        tone: " ".join((view.greeting, *view.paragraphs, *view.closing, *view.payment.terms))
        for tone in Tone
        for view in [message_view(publication, tone)]
    }
    assert not re.search(FAMILIAR[code], words[Tone.FORMAL])
    assert not re.search(POLITE[code], words[Tone.FRIENDLY])
    assert re.search(FAMILIAR[code], words[Tone.FRIENDLY])
