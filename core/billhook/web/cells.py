"""Cells of lists as HTML, written in one go: a list has hundreds of them, a template a dozen texts for each."""

from collections.abc import Callable, Sequence
from typing import Any

from markupsafe import Markup, escape

from billhook.web.lists import Column, Kind, Value
from billhook.web.templates import instant, money, number, short_day

_NOTHING = '<span class="nothing">–</span>'


def row_writer(columns: Sequence[Column]) -> Callable[[Any], Markup]:
    """Return what writes a row's cells, with what is the same for all rows made before."""
    writers = [_cell_writer(column) for column in columns]
    return lambda row: Markup("".join([write(row) for write in writers]))


def _cell_writer(column: Column) -> Callable[[Any], str]:
    head = " k-head" if column.is_title else ""
    opening = f'<td class="k-{column.kind}{head}" data-label="{escape(str(column.label))}">'
    write = _WRITERS.get(column.kind, _text)

    def cell(row: Any) -> str:
        value = column.value(row)
        content = _NOTHING if value is None or value == "" else write(value)
        if column.href and content is not _NOTHING and (address := column.href(row)):
            content = f'<a href="{escape(address)}">{content}</a>'
        hint = column.hint(row) if column.hint else ""
        told = f'<span class="cell-hint">{escape(hint)}</span>' if hint else ""
        return f"{opening}{content}{told}</td>"

    return cell


def _text(value: Value) -> str:
    return f"<bdi>{escape(str(value))}</bdi>"


def _money(value: Any) -> str:
    amount = escape(money(value.minor, value.currency))
    return f'{amount} <span class="currency">{escape(value.currency)}</span>'


def _badge(value: Any) -> str:
    return f'<span class="word word-{escape(value.tone)}">{escape(str(value.text))}</span>'


_WRITERS: dict[Kind, Callable[[Any], str]] = {
    Kind.MONEY: _money,
    Kind.BADGE: _badge,
    Kind.NUMBER: lambda value: str(escape(number(value))),
    Kind.DAY: lambda value: str(escape(short_day(value))),
    Kind.INSTANT: lambda value: str(escape(instant(value))),
}
