"""Templates: what a brand's documents of one type show, and with which texts."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from billhook.db import db
from billhook.domain.brands import Block, Column, Template, TemplateTexts
from billhook.domain.states import DocumentType
from billhook.models.brands import TemplateRow
from billhook.sdk.context import Context


def template(ctx: Context, brand_id: UUID, document_type: DocumentType) -> Template:
    """Return a brand's template; the theme's own where the tenant changed nothing."""
    row = db.session.scalar(
        select(TemplateRow).where(
            TemplateRow.brand_id == brand_id, TemplateRow.document_type == document_type.value
        )
    )
    return Template(document_type=document_type) if row is None else template_of(row)


def template_of(row: TemplateRow) -> Template:
    """Return a row as a value."""
    return Template(
        document_type=DocumentType(row.document_type),
        blocks=tuple(Block(one) for one in row.blocks),
        columns=tuple(Column(one) for one in row.columns),
        texts=tuple((code, TemplateTexts(**told)) for code, told in sorted(row.texts.items())),
        version=row.version,
    )


def stored_texts(texts: tuple[tuple[str, TemplateTexts], ...]) -> dict[str, Any]:
    """Return texts as a row holds them."""
    return {code: asdict(told) for code, told in texts}
