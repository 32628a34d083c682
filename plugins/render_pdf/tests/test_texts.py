"""What is written in the world's scripts is printed, and can be read back."""

from io import BytesIO

import pypdf
import pytest


@pytest.mark.parametrize("family", ["Noto Sans", "Noto Serif", "Arial", "nowhere"])
@pytest.mark.parametrize(
    "text",
    ["Łódź", "Ωmega", "Иванов", "山田太郎", "עברית", "한국어", "简体中文", "Հայերեն", "ქართული"],
)
def test_scripts_are_printed_in_every_family(rendered, text, family):
    answer = rendered(f'<p style="font-family: {family}">{text} <b>{text}</b> <i>{text}</i></p>')
    (sheet,) = pypdf.PdfReader(BytesIO(answer.content)).pages
    assert sheet.extract_text().count(text) == 3
    assert not answer.problems


def test_arabic_is_shaped_and_reads_back_as_letters(texts, rendered):
    assert "العربية" in texts("<p>العربية</p>")[0]
    alone = rendered("<p>ع ر ب</p>").content
    joined = rendered("<p>عرب</p>").content
    assert _glyphs(alone) != _glyphs(joined)


def test_arabic_is_shaped_where_it_must_not_wrap(rendered):
    plain, unwrapped = (
        rendered(f'<p style="white-space: {mode}">شركة النور</p>').content
        for mode in ("normal", "nowrap")
    )
    assert _glyphs(plain) < _glyphs(unwrapped)  # which has a space of the first font, too


def _glyphs(content: bytes) -> set[str]:
    """Return the outlines that were embedded, by their size."""
    reader = pypdf.PdfReader(BytesIO(content))
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    return {
        len(font["/FontDescriptor"]["/FontFile2"].get_data())
        for font in (font.get_object() for font in fonts)
        if "/FontDescriptor" in font
    }


def test_every_font_in_use_is_embedded_in_part(rendered):
    answer = rendered("<p>Łódź <b>山田太郎</b> עברית</p>")
    used = [
        font.get_object()
        for font in pypdf.PdfReader(BytesIO(answer.content))
        .pages[0]["/Resources"]["/Font"]
        .values()
    ]
    embedded = [font for font in used if "/FontDescriptor" in font]
    assert len(embedded) == 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in embedded)
    assert len(answer.content) < 60_000  # of fonts of more than 6 MB


def test_a_number_in_a_hebrew_line_stays_a_number(texts):
    (text,) = texts('<p dir="rtl">סכום 1,234.56 לתשלום</p>')
    assert "1,234.56" in text


def test_lines_of_a_right_to_left_paragraph_keep_their_order(texts):
    words = [f"מילה{number}" for number in range(100)]
    (text,) = texts(f'<p dir="rtl">{" ".join(words)}</p>')
    lines = [line for line in text.splitlines() if "מילה" in line]
    first_numbers = [
        min(int(part) for part in line.split("מילה") if part.strip().isdigit()) for line in lines
    ]
    assert len(lines) > 3
    assert first_numbers == sorted(first_numbers)


def test_columns_that_are_spanned_keep_their_text_from_right_to_left(texts):
    (text,) = texts(
        '<html dir="rtl"><body><table><tr><td>א</td><td>ב</td><td>ג</td></tr>'
        '<tr><td colspan="2">Spanning</td><td>7</td></tr></table></body></html>'
    )
    assert "Spanning" in text


@pytest.mark.parametrize("text", ["日本語の長い段落です。" * 20, "没有空格的长段落，" * 20])
def test_lines_without_spaces_break(texts, text):
    (read,) = texts(f"<p>{text}</p>")
    lines = read.splitlines()
    assert "".join(lines) == text
    assert max(map(len, lines)) < 80
    assert not any(line[0] in "。，" for line in lines)


def test_latin_words_stay_whole_beside_chinese(texts):
    (read,) = texts(f"<p>{'中文 Rechnungsempfänger ' * 30}</p>")
    assert read.replace("\n", " ").count("Rechnungsempfänger") == 30


def test_characters_that_no_font_has_are_named(rendered):
    (problem,) = rendered("<p>Fine 😀 &#x1D800; fine</p>").problems
    assert problem.code == "render_pdf.characters_missing"
    assert problem.severity == "warning"
    assert "😀 (U+1F600 GRINNING FACE)" in problem.message
    assert "U+1D800" in problem.message


def test_letters_that_are_not_joined_are_named(rendered):
    (problem,) = rendered("<p>नमस्ते</p>").problems
    assert problem.code == "render_pdf.characters_uncomposed"
    assert "U+0938 DEVANAGARI LETTER SA" in problem.message


def test_controls_of_direction_are_no_characters(rendered):
    assert not rendered("<p>a\u200eb\u2068c\u2069\u200b\u00ad\ufeff</p>").problems


@pytest.mark.parametrize(
    ("language", "face"), [("ja", "JP"), ("zh-CN", "SC"), ("ko", "KR"), ("en", "JP")]
)
def test_chinese_characters_look_as_the_document_s_language_wants(rendered, language, face):
    content = rendered("<p>骨</p>", language=language).content
    assert f"NotoSans{face}".encode() in content


def test_the_file_says_what_it_is_and_not_where_it_was_made(rendered):
    content = rendered(
        "<p>x</p>", title="Rechnung", number="Ł-1", seller="Łódź Sp.", language="pl"
    ).content
    reader = pypdf.PdfReader(BytesIO(content))
    assert (reader.metadata.title, reader.metadata.author) == ("Rechnung Ł-1", "Łódź Sp.")
    assert reader.metadata.creator == "Billhook"
    assert reader.root_object["/Lang"] == "pl"
    assert b"/tmp" not in content
    assert b"page-" not in content


def test_spaces_in_text_that_must_not_wrap_are_kept(texts):
    (read,) = texts('<p style="white-space: nowrap">a <b>b</b>\n c&#160;d</p>')
    assert read.replace("\u00a0", " ").strip() == "a b c d"


def test_words_that_are_wider_than_their_column_are_broken(texts):
    (read,) = texts(f'<table><tr><td style="width: 10%">{"x" * 60}</td><td>y</td></tr></table>')
    assert len(read.splitlines()) > 2
