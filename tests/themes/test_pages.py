"""Both themes, over all samples: every figure of the view stands on the page, and nothing else is loaded."""

import re
from dataclasses import fields, is_dataclass, replace
from html import unescape

import pytest

from billhook.domain.brands import Block, Column
from billhook.domain.deliveries import Tone
from billhook.plugins import colours
from billhook.services import payment_codes
from billhook.services.messages import message_view
from billhook.services.presenting import present
from billhook.services.samples import SAMPLES, lines

THEMES = ("atelier", "default")
QUICK = [name for name in SAMPLES if name != "thousand-lines"]


def html_of(themes, publication, **resources):
    theme = themes.get(publication.brand.theme)
    found = {**payment_codes.pictures(publication), **resources}
    return theme.document_html(present(publication), publication.brand, found)


def plain(html):
    body = html.partition("</head>")[2]
    text = re.sub(r"<br/?>|</?(div|td|th|p|h1|h2|tr|table|span)[^>]*>", "\n", body)
    return unescape(re.sub(r"<[^>]+>", "", text))


def texts(value):
    """Give every text of a view that a page has to show."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", QUICK)
def test_all_that_a_view_says_is_on_the_page(themes, theme, sample):
    publication = SAMPLES[sample](theme)
    view = present(publication)
    shown = plain(html_of(themes, publication))
    wanted = [view.title, view.number, view.subtitle, view.mark]
    for part in (view.fields, view.seller, view.buyer, view.sections, view.adjustments):
        wanted += texts(part)
    wanted += [*texts(view.totals), *view.information, *view.intro, *view.notes, *view.terms]
    wanted += [*view.closing, *view.attachments, *view.footer]
    wanted += [*texts(view.payment.terms), *texts(view.payment.accounts)]
    labels_left_to_the_theme = {view.seller.label, view.buyer.label}
    missing = [
        line
        for text in wanted
        if text not in labels_left_to_the_theme
        for line in text.split("\n")
        if line not in shown
    ]
    assert missing == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sample", QUICK)
def test_a_page_names_only_resources_that_it_is_given(themes, theme, sample):
    publication = SAMPLES[sample](theme)
    html = html_of(themes, publication, **{"logo.png": LOGO})
    named = re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', html)
    assert {one or other for one, other in named} <= {
        "resource:logo.png",
        f"resource:{payment_codes.CODE}",
    }


LOGO = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + (900).to_bytes(4) + (100).to_bytes(4)


@pytest.mark.parametrize(
    ("pixels", "millimetres"),
    [((900, 100), (62, 6)), ((100, 900), (2, 18)), ((300, 300), (18, 18)), ((10, 10), (18, 18))],
)
def test_a_logo_of_any_shape_fits_into_its_box(themes, pixels, millimetres):
    width, height = pixels
    logo = LOGO[:16] + width.to_bytes(4) + height.to_bytes(4)
    html = html_of(themes, SAMPLES["one-line"]("default"), **{"logo.png": logo})
    assert f"width: {millimetres[0]}mm; height: {millimetres[1]}mm" in html


@pytest.mark.parametrize("theme", THEMES)
def test_without_a_logo_the_brands_name_stands_there(themes, theme):
    html = html_of(themes, SAMPLES["one-line"](theme))
    assert '<div class="name">Lindenhof Studio</div>' in html


@pytest.mark.parametrize("theme", THEMES)
def test_a_template_leaves_out_blocks_and_columns_and_keeps_their_order(themes, theme):
    publication = SAMPLES["thirty-lines"](theme)
    blocks = (Block.TERMS, Block.LINES, Block.TOTALS)
    columns = (Column.DESCRIPTION, Column.NET)
    template = replace(publication.template, blocks=blocks, columns=columns)
    html = html_of(themes, replace(publication, template=template))
    shown = plain(html)
    assert shown.index("Goods remain our property") < shown.index("Solid oak stair treads")
    for gone in ("Retention of 5 %", "Time sheets October.pdf", "31926819", "Thank you for"):
        assert gone not in shown
    heads = [unescape(head) for head in re.findall(r"<th[^>]*>([^<]*)</th>", html)]
    assert heads == ["Description", "Amount (GBP)"]


@pytest.mark.parametrize("theme", THEMES)
def test_the_sums_of_a_table_stand_in_its_foot_and_the_head_repeats(themes, theme):
    html = html_of(themes, SAMPLES["one-line"](theme))
    foot = html[html.index("<tfoot>") : html.index("</tfoot>")]
    assert "5.712,00" in foot
    assert html.index("<thead>") < html.index("<tbody>") < html.index("<tfoot>")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("accent", ["#ffffff", "#000000", "#ffe600", "#0b5cad", "#777777"])
def test_every_colour_stays_legible(themes, theme, accent):
    publication = SAMPLES["one-line"](theme)
    brand = replace(publication.brand, colours=(("accent", accent),))
    look = themes.get(theme).look(brand, {}, (60, 20))
    assert colours.contrast(look.colours["on_accent"], accent) >= 4.5
    assert colours.contrast(look.colours["accent_text"], "#ffffff") >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_pages_of_a_right_to_left_language_are_turned(themes, theme):
    html = html_of(themes, SAMPLES["hebrew"](theme))
    assert '<html lang="he" dir="rtl">' in html
    assert ".n { text-align: left;" in html


@pytest.mark.parametrize(
    ("sample", "paper"), [("letter", "letter"), ("quebec", "letter"), ("one-line", "a4")]
)
def test_the_paper_is_that_of_the_sellers_country(themes, sample, paper):
    assert f"size: {paper} portrait" in html_of(themes, SAMPLES[sample]("default"))


@pytest.mark.parametrize("theme", THEMES)
def test_ten_thousand_lines_stay_within_what_a_renderer_takes(themes, theme):
    """The renderer's bound is 4 MB; a line of the samples takes some 170 bytes."""
    hundred = len(html_of(themes, lines(100, theme)))
    two_hundred = len(html_of(themes, lines(200, theme)))
    assert (two_hundred - hundred) * 100 < 4 * 1024 * 1024


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", Tone)
@pytest.mark.parametrize("sample", ["one-line", "credit-note", "hebrew", "thirty-lines", "draft"])
def test_both_parts_of_a_mail_say_the_same(themes, theme, tone, sample):
    publication = SAMPLES[sample](theme)
    view = message_view(publication, tone)
    mail = themes.get(theme).mail(view, publication.brand, {})
    wanted = [view.greeting, *view.paragraphs, *texts(view.facts), *texts(view.lines)]
    wanted += [*texts(view.totals), *texts(view.payment.accounts), *view.closing, *view.sender]
    shown = plain(mail.html)
    assert [text for text in wanted if text not in mail.text] == []
    assert [text for text in wanted if text not in shown] == []


@pytest.mark.parametrize("theme", THEMES)
def test_a_mail_shows_the_logo_by_its_content_id(themes, theme):
    publication = SAMPLES["one-line"](theme)
    view = message_view(publication, Tone.FORMAL)
    html = themes.get(theme).mail(view, publication.brand, {"logo.png": LOGO}).html
    assert re.findall(r'src="([^"]*)"', html) == ["cid:logo.png"]
    assert re.findall(r'href="|url\(|<script|@import', html) == []
