"""Templates: what documents of a type show and say, checked when they are saved."""

import pytest

from billhook.domain.brands import Block, Column, TemplateTexts
from billhook.domain.states import DocumentType
from billhook.errors import NotFound, ValidationFailed
from billhook.services import brands, templates
from billhook.services.brand_changes import BrandInput
from billhook.services.templates import TemplateInput

INVOICE, CREDIT_NOTE = DocumentType.INVOICE, DocumentType.CREDIT_NOTE


def save(ctx, **given):
    return templates.save(ctx, TemplateInput(document_type=INVOICE, **given))


def problems(ctx, **given):
    with pytest.raises(ValidationFailed) as refused:
        save(ctx, **given)
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_without_a_change_the_themes_own_holds(ctx):
    found = templates.template(ctx, brands.get(ctx).id, INVOICE)
    assert (found.version, found.blocks, found.texts) == (0, tuple(Block), ())


def test_a_template_keeps_what_was_chosen_in_its_order(ctx):
    save(ctx, columns=["description", "net"], blocks=["totals", "lines"])
    found = templates.template(ctx, brands.get(ctx).id, INVOICE)
    assert found.columns == (Column.DESCRIPTION, Column.NET)
    assert found.blocks == (Block.TOTALS, Block.LINES)


def test_texts_are_kept_by_language_and_one_at_a_time(ctx):
    save(ctx, language="de", intro="Hallo", terms="Bis {due_on}.")
    save(ctx, language="en", intro="Hello")
    found = save(ctx, language="de", intro="Guten Tag")
    assert dict(found.texts) == {
        "de": TemplateTexts(intro="Guten Tag", terms="Bis {due_on}."),
        "en": TemplateTexts(intro="Hello"),
    }
    assert found.texts_in("de-CH").intro == "Guten Tag"
    assert found.version == 3


def test_texts_that_are_emptied_are_gone(ctx):
    save(ctx, language="de", intro="Hallo")
    assert save(ctx, language="de", intro="").texts == ()


def test_each_type_and_brand_has_a_template_of_its_own(ctx):
    save(ctx, language="de", intro="Hallo")
    north = brands.save(ctx, BrandInput(code="north"))
    assert templates.template(ctx, north.id, INVOICE).texts == ()
    assert templates.template(ctx, brands.get(ctx).id, CREDIT_NOTE).texts == ()


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"columns": ["net", "description"]}, [("columns", "template.columns_incomplete")]),
        ({"columns": ["net"]}, [("columns", "template.columns_incomplete")]),
        ({"columns": []}, [("columns", "template.columns_incomplete")]),
        (
            {"columns": ["description", "description", "net"]},
            [("columns", "template.word_twice")],
        ),
        ({"columns": ["description", "profit", "net"]}, [("columns", "input.unknown_choice")]),
        ({"blocks": ["lines"]}, [("blocks", "template.blocks_incomplete")]),
        ({"language": "de", "title": "x" * 81}, [("title", "input.too_long")]),
        ({"language": "de", "title": "a\nb"}, [("title", "input.unprintable")]),
        ({"intro": "Hello"}, [("language", "input.missing")]),
        ({"language": "xx-yy-zz", "intro": "Hello"}, [("language", "language.unknown")]),
        (
            {"language": "en", "intro": "{customer} {sum}", "terms": "{}"},
            [
                ("intro", "template.placeholder_unknown"),
                ("terms", "template.placeholder_unknown"),
            ],
        ),
    ],
)
def test_what_could_not_be_printed_is_refused_at_save(ctx, given, found):
    assert problems(ctx, **given) == found
    assert templates.template(ctx, brands.get(ctx).id, INVOICE).version == 0


def test_a_template_needs_a_brand(ctx):
    with pytest.raises(NotFound):
        save(ctx, brand="south", language="de", intro="Hallo")
