"""What became of the rows of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from billhook.problems import Problem
from billhook.sdk.context import Context
from billhook.services.imports.columns import Column

State = Literal["new", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row's state; `path` of a problem is the field at fault.

    Problems of a row that is not refused are warnings.
    """

    state: State
    problems: tuple[Problem, ...] = ()


class Kind(Protocol):
    """What a file can hold: its columns, and how rows become data."""

    COLUMNS: tuple[Column, ...]

    def take(
        self, ctx: Context, rows: Sequence[Mapping[str, str]], *, source: str
    ) -> list[Outcome]:
        """Store a batch inside a transaction: one outcome per row, in its order.

        A refused row leaves nothing behind.
        """
        ...
