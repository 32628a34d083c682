"""Templates: what a brand's documents of one type show, and with which texts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from billhook.columns import Id
from billhook.db import db
from billhook.domain.brands import Block, Column, Template, TemplateTexts
from billhook.domain.placeholders import PLACEHOLDERS, unknown
from billhook.domain.states import DocumentType
from billhook.errors import Conflict, ValidationFailed
from billhook.i18n import gettext as _
from billhook.models.brands import TemplateRow
from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services import audit, brands
from billhook.services.fields import Fields

E = TypeVar("E", bound=StrEnum)

_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateInput:
    """New values of a template; None leaves one as it is."""

    brand: str = ""
    """Its code; empty for the tenant's default brand."""
    document_type: DocumentType
    blocks: Sequence[str] | None = None
    columns: Sequence[str] | None = None
    language: str = ""
    """Of the texts."""
    title: str | None = None
    intro: str | None = None
    notes: str | None = None
    terms: str | None = None
    closing: str | None = None
    version: int | None = None
    """The version that was changed; None where nobody read one before."""


def template(ctx: Context, brand_id: UUID, document_type: DocumentType) -> Template:
    """Return a brand's template; the theme's own where the tenant changed nothing."""
    row = _row(brand_id, document_type)
    return Template(document_type=document_type) if row is None else _template(row)


def save(ctx: Context, given: TemplateInput) -> Template:
    """Change a template. Raises NotFound, Conflict, ValidationFailed."""
    ctx.require("brands.manage")
    with ctx.transaction() as session:
        brands.lock(ctx)
        brand = brands.row_of(ctx, given.brand)
        row = _row(brand.id, given.document_type) or _new_row(ctx, brand.id, given.document_type)
        if given.version is not None and given.version != row.version:
            raise Conflict(_("Somebody else changed this template just now."))
        values, problems = _read(_template(row), given)
        if problems:
            raise ValidationFailed(problems)
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
        session.add(row)
        session.flush()
        audit.record(
            ctx,
            "template.changed",
            "brand",
            brand.id,
            document_type=given.document_type.value,
            fields=" ".join(sorted(values)),
        )
        return _template(row)


def previewed(present: Template, given: TemplateInput) -> Template:
    """Return what a template would be with a change; what is wrong with it is left as it stands."""
    values, problems = _read(present, given)
    for wrong in {problem.path for problem in problems}:
        values.pop("texts" if wrong not in ("blocks", "columns") else wrong, None)
    return Template(
        document_type=present.document_type,
        blocks=tuple(Block(one) for one in values.get("blocks", present.blocks)),
        columns=tuple(Column(one) for one in values.get("columns", present.columns)),
        texts=_of_json(values["texts"]) if "texts" in values else present.texts,
        version=present.version,
    )


def _row(brand_id: UUID, document_type: DocumentType) -> TemplateRow | None:
    given = {"brand_id": brand_id, "document_type": document_type.value}
    return db.session.scalar(_of_brand(), given)


@cache
def _of_brand() -> Select[tuple[TemplateRow]]:
    """Build the statement once: every page of a document sends it."""
    return select(TemplateRow).where(
        TemplateRow.brand_id == bindparam("brand_id", type_=Id()),
        TemplateRow.document_type == bindparam("document_type"),
    )


def _new_row(ctx: Context, brand_id: UUID, document_type: DocumentType) -> TemplateRow:
    usual = Template(document_type=document_type)
    return TemplateRow(
        tenant_id=ctx.tenant.id,
        brand_id=brand_id,
        document_type=document_type.value,
        blocks=[block.value for block in usual.blocks],
        columns=[column.value for column in usual.columns],
        texts={},
        version=0,
    )


def _template(row: TemplateRow) -> Template:
    return Template(
        document_type=DocumentType(row.document_type),
        blocks=tuple(Block(one) for one in row.blocks),
        columns=tuple(Column(one) for one in row.columns),
        texts=_of_json(row.texts),
        version=row.version,
    )


def _of_json(texts: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, TemplateTexts], ...]:
    return tuple((code, TemplateTexts(**told)) for code, told in sorted(texts.items()))


def _read(present: Template, given: TemplateInput) -> tuple[dict[str, Any], list[Problem]]:
    """Return the columns that a change sets, and what is wrong with it."""
    read = Fields()
    values: dict[str, Any] = {}
    if given.blocks is not None:
        values["blocks"] = _words(read, "blocks", given.blocks, Block)
        _require_lines(read, values["blocks"])
    if given.columns is not None:
        values["columns"] = _words(read, "columns", given.columns, Column)
        _require_columns(read, values["columns"])
    told = {one.name: getattr(given, one.name) for one in fields(TemplateTexts)}
    if any(text is not None for text in told.values()):
        values["texts"] = _texts(read, present, given.language, told)
    return values, read.problems


def _words(read: Fields, path: str, words: Sequence[str], kind: type[E]) -> list[str]:
    found = [read.choice(path, word, kind) for word in words]
    chosen = [word.value for word in found if word is not None]
    if len(set(chosen)) < len(chosen):
        read.refuse(path, "template.word_twice", _("Name each only once."))
    return chosen


def _require_lines(read: Fields, blocks: Sequence[str]) -> None:
    if not {Block.LINES.value, Block.TOTALS.value}.issubset(blocks):
        read.refuse(
            "blocks",
            "template.blocks_incomplete",
            _("A document needs its lines and totals. Name at least lines and totals."),
        )


def _require_columns(read: Fields, columns: Sequence[str]) -> None:
    """Refuse a table without what is billed, or whose amounts do not stand above their sums."""
    if Column.DESCRIPTION.value not in columns or columns[-1:] != [Column.NET.value]:
        read.refuse(
            "columns",
            "template.columns_incomplete",
            _("The table needs the column description, and net as its last one."),
        )


def _texts(
    read: Fields, present: Template, language: str, told: dict[str, str | None]
) -> dict[str, Any]:
    code = read.language("language", language)
    if not language.strip():
        read.refuse("language", "input.missing", _("Say in which language the texts are."))
    texts = {one: asdict(known) for one, known in present.texts}
    known = dict(present.texts).get(code, TemplateTexts())
    texts[code] = asdict(known) | {
        name: _text(read, name, text) for name, text in told.items() if text is not None
    }
    return {one: found for one, found in texts.items() if any(found.values())}


def _text(read: Fields, path: str, text: str) -> str:
    found = (
        read.text(path, text, limit=_LONGEST_TITLE) if path == "title" else read.prose(path, text)
    )
    for name in unknown(found):
        read.refuse(
            path,
            "template.placeholder_unknown",
            _(
                "There is no placeholder {%(name)s}. These are: %(known)s.",
                name=name[:40],
                known=", ".join(f"{{{one}}}" for one in PLACEHOLDERS),
            ),
        )
    return found
