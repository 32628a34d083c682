"""Number series as the API takes and gives them."""

from pydantic import Field

from billhook import limits
from billhook.domain.states import DocumentType
from billhook.sdk.api import Answer, Input, Query
from billhook.services.series_reports import RunReport
from billhook.services.series_views import SeriesView

LONGEST_PATTERN = 60
MOST_NUMBERS = 10**15 - 1


class SeriesChanges(Input):
    """How a series numbers from now on; what is left out stays."""

    pattern: str | None = Field(
        None, max_length=LONGEST_PATTERN, examples=["INV-{yyyy}-{number:5}"]
    )
    restarts_yearly: bool | None = Field(
        None, description="Fixed once the series numbered a document."
    )
    first_number: int | None = Field(
        None, ge=1, le=MOST_NUMBERS, description="Fixed once the series numbered a document."
    )


class NewSeries(Input):
    """A series of a brand's own."""

    brand: str = Field(min_length=1, max_length=limits.CODE, description="The brand's code.")
    document_type: DocumentType
    pattern: str = Field(
        min_length=1, max_length=LONGEST_PATTERN, examples=["NORTH-{yyyy}-{number:5}"]
    )


class SeriesTrial(Input):
    """What a series would be; what is left out is as it stands."""

    pattern: str | None = Field(None, max_length=LONGEST_PATTERN)
    restarts_yearly: bool | None = None
    first_number: int | None = Field(None, ge=1, le=MOST_NUMBERS)


class SeriesRunAnswer(Answer):
    """What a series numbered in a year."""

    year: int | None = Field(description="Null where the series does not begin anew each year.")
    first_number: int
    last_number: int


class SeriesAnswer(Answer):
    """What numbers documents, and which number comes next."""

    code: str
    document_type: DocumentType
    brand: str = Field(description="The name of the brand whose own it is; empty for all others.")
    pattern: str
    restarts_yearly: bool
    first_number: int
    next_numbers: list[str] = Field(description="As documents of today would get them.")
    runs: list[SeriesRunAnswer] = Field(description="The newest first.")
    version: int

    @classmethod
    def of(cls, view: SeriesView) -> "SeriesAnswer":
        """Return how the API shows a series."""
        return cls(
            code=view.code,
            document_type=view.document_type,
            brand=view.brand,
            pattern=view.pattern,
            restarts_yearly=view.restarts_yearly,
            first_number=view.first_number,
            next_numbers=list(view.next_numbers),
            runs=[
                SeriesRunAnswer(
                    year=run.year, first_number=run.first_number, last_number=run.last_number
                )
                for run in view.runs
            ],
            version=view.version,
        )


class NextNumbersAnswer(Answer):
    """The numbers that a pattern prints next; none of one that cannot be used."""

    next_numbers: list[str]


class NumbersQuery(Query):
    """Of which year."""

    year: int | None = Field(None, ge=1, le=9_999)


class NumbersAnswer(Answer):
    """The numbers of a series in a year: proof that none is missing."""

    series: str
    year: int | None
    first: int
    last: int
    first_printed: str
    last_printed: str
    count: int
    missing: int
    voided: list[str] = Field(description="Printed numbers of documents that are void.")

    @classmethod
    def of(cls, found: RunReport) -> "NumbersAnswer":
        """Return how the API shows a report."""
        return cls(
            series=found.series,
            year=found.year,
            first=found.first,
            last=found.last,
            first_printed=found.first_printed,
            last_printed=found.last_printed,
            count=found.count,
            missing=found.missing,
            voided=list(found.voided),
        )
