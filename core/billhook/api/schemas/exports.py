"""Exports as the API takes and gives them."""

from pydantic import Field

from billhook.sdk.api import Answer, Query
from billhook.services.exporting import ExportKind, SheetFormat


class ExportQuery(Query):
    """How an export is written."""

    format: SheetFormat = "csv"


class ExportKindAnswer(Answer):
    """A kind of thing that can be loaded as one file."""

    kind: ExportKind
    requires: str = Field(description="The scope that it needs beside `exports.create`.")
    formats: list[SheetFormat]
