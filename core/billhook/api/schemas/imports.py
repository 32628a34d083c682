"""Imports as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, Input, PageQuery, Query
from billhook.services.import_runs import FileColumn, ImportEntry, Stage
from billhook.services.importing import ImportKind, RowError
from billhook.services.imports.columns import Column

MOST_COLUMNS = 1_000


class ImportsQuery(PageQuery):
    """Which imports."""


class NewImport(Query):
    """What a file holds."""

    kind: ImportKind
    source: str = Field("", max_length=limits.CODE, description="Where the charges come from.")


class ImportCheck(Input):
    """How the file is read."""

    columns: dict[
        Annotated[str, Field(max_length=limits.TEXT)],
        Annotated[str, Field(max_length=limits.NAME)],
    ] = Field(
        {},
        max_length=MOST_COLUMNS,
        description="Headers of the file to fields; empty for a column that is left out. Headers "
        "that are not named here are matched by what they say.",
        examples=[{"Kundennummer": "reference"}],
    )


class ImportStart(Input):
    """What of the file is stored."""

    skip_bad: bool = Field(
        False, description="Store the good rows; else one bad row stops all of it."
    )


class ImportAnswer(Answer):
    """A file that was brought in, and how far it is."""

    id: UUID
    kind: ImportKind
    name: str
    source: str
    stage: Stage
    rows_done: int
    rows_total: int = Field(description="About; 0 where nobody counted.")
    rows: int
    new: int
    changed: int
    unchanged: int
    bad: int
    ignored_columns: list[str]
    reason: str = Field(description="Why the file could not be read at all.")
    started_by: str = Field(description="Empty for a program.")
    started_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, entry: ImportEntry) -> "ImportAnswer":
        """Return how the API shows an import."""
        result = entry.result
        return cls(
            id=entry.id,
            kind=entry.kind,
            name=entry.name,
            source=entry.options.source,
            stage=entry.stage,
            rows_done=entry.done,
            rows_total=entry.total,
            rows=result.rows,
            new=result.new,
            changed=result.changed,
            unchanged=result.unchanged,
            bad=result.bad,
            ignored_columns=list(result.ignored_columns),
            reason=result.reason,
            started_by=entry.started_by,
            started_at=entry.started_at,
            finished_at=entry.finished_at,
        )


class ColumnAnswer(Answer):
    """A column of a file."""

    header: str
    samples: list[str]
    field: str = Field(description="The field that it is taken for; empty for none.")

    @classmethod
    def of(cls, column: FileColumn) -> "ColumnAnswer":
        """Return how the API shows a column."""
        return cls(header=column.header, samples=list(column.samples), field=column.guess)


class ImportFieldAnswer(Answer):
    """A field that a file may bring."""

    field: str = Field(description="One that ends in * stands for all that begin so.")
    hint: str
    synonyms: list[str]
    is_required: bool

    @classmethod
    def of(cls, column: Column) -> "ImportFieldAnswer":
        """Return how the API shows a field."""
        return cls(
            field=column.field,
            hint=str(column.hint),
            synonyms=list(column.synonyms),
            is_required=column.is_required,
        )


class RowErrorsQuery(Query):
    """Which remarks."""

    severity: Literal["error", "warning"] = "error"


class RowErrorAnswer(Answer):
    """Why a row was refused, or what was remarked on it."""

    line: int = Field(description="In the file; the header is line 1.")
    field: str
    column: str = Field(description="The header over the field; empty where the file has none.")
    code: str
    message: str

    @classmethod
    def of(cls, error: RowError) -> "RowErrorAnswer":
        """Return how the API shows a row's error."""
        return cls(
            line=error.line,
            field=error.field,
            column=error.column,
            code=error.code,
            message=error.message,
        )
