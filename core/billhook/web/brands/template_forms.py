"""The form of a template: blocks and columns in an order, texts in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask import request
from wtforms import StringField, TextAreaField

from billhook import limits
from billhook.domain.brands import Block, Column, Template, TemplateTexts
from billhook.domain.states import DocumentType
from billhook.i18n import lazy_gettext as _
from billhook.services.templates import TemplateInput
from billhook.web.versions import VersionedForm

TEXTS = ("title", "intro", "notes", "terms", "closing")
FIXED = frozenset({Block.LINES, Block.TOTALS, Column.DESCRIPTION, Column.NET})
"""What no document can do without."""


def _prose(text: object) -> TextAreaField:
    return TextAreaField(text, render_kw={"rows": 3, "maxlength": limits.TEXT})


class TemplateForm(VersionedForm):
    """The texts of a template in one language; its blocks and columns come beside it."""

    title = StringField(_("Title"), render_kw={"maxlength": 80})
    intro = _prose(_("Opening words"))
    notes = _prose(_("Notes"))
    terms = _prose(_("Terms"))
    closing = _prose(_("Closing words"))

    @classmethod
    def of(cls, present: Template, language: str) -> "TemplateForm":
        """Return the form with a template's texts in a language, and of no other."""
        texts = dict(present.texts).get(language, TemplateTexts())
        return cls(obj=texts, version=present.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A block or column in the editor's order."""

    value: StrEnum
    is_on: bool

    @property
    def is_fixed(self) -> bool:
        return self.value in FIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """All blocks and columns in the order of the editor, those that are off as well."""

    blocks: tuple[Part, ...]
    columns: tuple[Part, ...]

    @classmethod
    def of(cls, present: Template) -> "Layout":
        """Return a template's layout: what is on in its order, then what is off."""
        return cls(blocks=_parts(present.blocks, Block), columns=_parts(present.columns, Column))

    @classmethod
    def sent(cls) -> "Layout":
        """Return the layout that the form sent, moved by the button that sent it."""
        return cls(blocks=_sent("blocks", Block), columns=_sent("columns", Column))

    def change(
        self, form: TemplateForm, *, brand: str, kind: DocumentType, language: str
    ) -> TemplateInput:
        """Return layout and texts as a change of a template."""
        return TemplateInput(
            brand=brand,
            document_type=kind,
            blocks=[part.value.value for part in self.blocks if part.is_on],
            columns=[part.value.value for part in self.columns if part.is_on],
            language=language,
            version=form.read_version(),
            **{name: form[name].data or "" for name in TEXTS},
        )


def is_moving() -> bool:
    """Tell whether the form was sent to move a part, and not to be saved."""
    return "move" in request.form


def _parts(on: Sequence[StrEnum], kind: type[StrEnum]) -> tuple[Part, ...]:
    off = [one for one in kind if one not in on]
    return tuple(Part(value=one, is_on=one in on) for one in (*on, *off))


def _sent(name: str, kind: type[StrEnum]) -> tuple[Part, ...]:
    """Read an order and what is on of it; what was not sent comes last, and is off."""
    known = {one.value: one for one in kind}
    order = [known[word] for word in request.form.getlist(f"{name}-order") if word in known]
    found = list(dict.fromkeys([*order, *kind]))
    on = {word for word in request.form.getlist(name) if word in known}
    _move(found, name, request.form.get("move", ""))
    return tuple(
        Part(value=one, is_on=one.value in on or one in FIXED) for one in _net_last(found, kind)
    )


def _move(found: list[StrEnum], name: str, wish: str) -> None:
    """Let one change places with its neighbour, as `blocks:intro:up` wishes."""
    group, _colon, rest = wish.partition(":")
    word, _colon, way = rest.partition(":")
    place = next((place for place, one in enumerate(found) if one.value == word), None)
    if group != name or place is None:
        return
    aim = place + (-1 if way == "up" else 1)
    if 0 <= aim < len(found):
        found[place], found[aim] = found[aim], found[place]


def _net_last(found: list[StrEnum], kind: type[StrEnum]) -> list[StrEnum]:
    """Keep the net amount the last column, above its sum."""
    if kind is not Column:
        return found
    return [*(one for one in found if one is not Column.NET), Column.NET]
