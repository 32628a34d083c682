"""How something is split, as the API takes it, and the parts that it makes."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.splitting import MOST_PARTS, ByLines, ByPercent, BySection, Split
from billhook.errors import ValidationFailed
from billhook.money import RATE_DECIMALS
from billhook.problems import Problem
from billhook.sdk.api import Answer, Input
from billhook.services.fields import Fields
from billhook.services.splitting import SplitPart


class LinePart(Input):
    """Into which part a line goes."""

    line_no: int = Field(ge=1, le=limits.LINES_PER_DOCUMENT)
    part: int = Field(ge=0, lt=MOST_PARTS, description="0 is A, 1 is B, and so on.")


class PartPayer(Input):
    """Who pays for a part."""

    part: int = Field(ge=0, lt=MOST_PARTS, description="0 is A, 1 is B, and so on.")
    customer: str = Field(
        min_length=1, max_length=limits.CODE, description="Your own code of who pays."
    )


class SplitInput(Input):
    """How to split: by lines, by sections, or by percentages of everything."""

    how: Literal["lines", "sections", "percent"]
    lines: list[LinePart] = Field(
        [],
        max_length=limits.LINES_PER_DOCUMENT,
        description="With `lines`: what leaves part A; other lines stay in it.",
    )
    percents: list[Annotated[str, Field(max_length=limits.CODE)]] = Field(
        [],
        max_length=MOST_PARTS,
        description="With `percent`: one for each part; they sum to 100.",
        examples=[["60", "40"]],
    )
    payers: list[PartPayer] = Field(
        [], max_length=MOST_PARTS, description="Parts for which somebody else pays."
    )

    def split(self) -> Split:
        """Return how the services take it. Raises ValidationFailed."""
        match self.how:
            case "lines":
                return ByLines(parts={one.line_no: one.part for one in self.lines if one.part})
            case "sections":
                return BySection()
        return ByPercent(percents=self._percents())

    def _percents(self) -> tuple[Decimal, ...]:
        read = Fields()
        found = [
            read.number(f"percents.{place}", text[: limits.CODE], decimals=RATE_DECIMALS)
            for place, text in enumerate(self.percents)
        ]
        if read.problems:
            raise ValidationFailed(read.problems)
        return tuple(one or Decimal(0) for one in found)

    def placed(self, problems: Sequence[Problem]) -> list[Problem]:
        """Return problems of payers with the places of those payers in the request."""
        places = {f"payer-{one.part}": place for place, one in enumerate(self.payers)}
        return [
            replace(one, path=f"payers.{places[one.path]}.customer") if one.path in places else one
            for one in problems
        ]

    def payers_by_part(self) -> dict[int, str]:
        """Return who pays, by the number of the part."""
        return {one.part: one.customer for one in self.payers}


class PartAnswer(Answer):
    """A part that was made: an open draft."""

    id: UUID = Field(description="Of the draft.")
    part: str
    reference: str

    @classmethod
    def of(cls, one: SplitPart) -> "PartAnswer":
        """Return how the API shows a part."""
        return cls(id=one.id, part=one.part, reference=one.reference)
