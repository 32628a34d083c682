"""Small charts as shapes: numbers in, geometry out. The macros only draw it."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 100
BAR, STEP = 8, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar in a field of `HEIGHT` units, with what it says and where it leads."""

    x: int
    y: float
    height: float
    label: str
    """A word under the bar."""
    name: str
    """The whole name, for whoever listens or hovers."""
    value: str
    address: str
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a bar is made of."""

    amount: int
    label: str
    name: str
    value: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarChart:
    """Bars side by side on one base line."""

    bars: Sequence[Bar]
    width: int
    base: float
    """Where zero is, from above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a stacked bar, in hundredths of the whole."""

    x: float
    width: float
    tone: str
    label: str
    value: str
    address: str


def bars(points: Sequence[Point]) -> BarChart:
    """Scale the bars so that the largest fills the field; what is below zero hangs down."""
    highest = max((point.amount for point in points), default=0)
    lowest = min((point.amount for point in points), default=0)
    above, below = max(highest, 0), max(-lowest, 0)
    scale = HEIGHT / ((above + below) or 1)
    base = above * scale
    return BarChart(
        bars=[_bar(number, point, scale, base) for number, point in enumerate(points)],
        width=STEP * len(points),
        base=round(base, 2),
    )


def _bar(number: int, point: Point, scale: float, base: float) -> Bar:
    height = abs(point.amount) * scale
    is_negative = point.amount < 0
    return Bar(
        x=number * STEP + (STEP - BAR) // 2,
        y=round(base if is_negative else base - height, 2),
        height=round(height, 2),
        label=point.label,
        name=point.name,
        value=point.value,
        address=point.address,
        is_negative=is_negative,
    )


def sparkline(values: Sequence[int]) -> str:
    """Return the points of a line through the values, in a field of 100 by 100."""
    highest = max((*values, 1))
    step = 100 / max(len(values) - 1, 1)
    return " ".join(
        f"{number * step:.1f},{96 - 92 * value / highest:.1f}"
        for number, value in enumerate(values)
    )


def stacked(parts: Sequence[tuple[Point, str]]) -> list[Part]:
    """Lay the parts side by side so that they fill the whole; each has a tone."""
    whole = sum(point.amount for point, _tone in parts) or 1
    laid: list[Part] = []
    x = 0.0
    for point, tone in parts:
        width = 100 * point.amount / whole
        laid.append(
            Part(
                x=round(x, 2),
                width=round(width, 2),
                tone=tone,
                label=point.label,
                value=point.value,
                address=point.address,
            )
        )
        x += width
    return laid
