"""What a document says of a tax that is not charged is in the document's language."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import billhook_tax_rules
from billhook.i18n import language
from billhook_tax_rules.texts import gettext

PACKAGE = Path(billhook_tax_rules.__file__).parent
LANGUAGES = ("de", "es", "fr")


def notes() -> set[str]:
    found = extract_from_file("python", PACKAGE / "treatments.py", keywords={"_": None})
    return {text for _line, text, *_ in found if not text.startswith("The rate table")}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_note_is_translated(code):
    path = PACKAGE / "translations" / code / "LC_MESSAGES" / "tax_rules.po"
    with path.open("rb") as file:
        found = {one.id: one for one in read_po(file, abort_invalid=True) if one.id}
    assert found.keys() == notes()
    assert [one.id for one in found.values() if not one.string or one.fuzzy] == []


def test_reverse_charge_has_the_words_that_the_laws_ask_for():
    """Directive 2006/112/EC, article 226 (11a), in each language's own version."""
    text = (
        "Reverse charge: the customer accounts for the value added tax"
        " (Directive 2006/112/EC, articles 44 and 196)."
    )
    words = {"de": "Steuerschuldnerschaft des Leistungsempfängers", "fr": "Autoliquidation"}
    words["es"] = "Inversión del sujeto pasivo"
    for code, wanted in words.items():
        with language(code):
            assert gettext(text).startswith(wanted)
