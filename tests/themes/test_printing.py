"""Both themes on paper, by the renderer that is installed: how pages break, and what they repeat."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from billhook.plugins.runtime import relay
from billhook.services.previews import sample_page
from billhook.services.samples import SAMPLES, lines
from billhook.testing.members import open_tenant

THEMES = ("atelier", "default")


@pytest.fixture
def pages(app):
    """Return a way to print a sample: the text of each page."""
    ctx = open_tenant("shop")

    def printed(publication):
        with ctx.acting():
            renderer = relay(ctx).renderer("render_pdf.xhtml2pdf", ctx)
            (found,) = renderer.render([sample_page(publication)])
        assert found.problems == ()
        return [page.extract_text() for page in PdfReader(BytesIO(found.content)).pages]

    return printed


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("count", range(17, 27))
def test_the_sums_are_never_alone_on_a_page(pages, theme, count):
    """Whatever the number of lines, some stand above the sums and the head above them."""
    (with_sums,) = [text for text in pages(lines(count, theme)) if "Nettobetrag" in text]
    assert with_sums.count("API calls") >= 2
    assert "Beschreibung" in with_sums
    assert "MwSt. 19" in with_sums


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_each_page_has_its_head_its_number_and_the_documents(pages, theme):
    found = pages(lines(90, theme))
    assert len(found) > 2
    for place, text in enumerate(found, 1):
        assert "Einzelpreis" in text
        assert f"Seite {place} von {len(found)}" in text
        assert "RE-2026-00043" in text


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
def test_a_section_begins_with_its_first_line_and_ends_with_its_sum(pages, theme):
    for text in pages(SAMPLES["thirty-lines"](theme)):
        body = text[: text.find("Amount due")] if "Amount due" in text else text
        for title in ("Library", "Windows, north elevation", "Garden room"):
            if title in body:
                assert "Joinery survey" in body[body.index(title) :]
        assert not body.split("Amount (GBP)")[-1].strip().startswith("Subtotal")


@pytest.mark.slow
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", ["hebrew", "arabic", "japanese", "draft", "foreign-currency"])
def test_every_character_of_the_samples_is_printed(pages, theme, sample):
    assert len(pages(SAMPLES[sample](theme))) == 1
