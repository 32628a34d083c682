"""The editor's form as what the service reads: inputs named `lines-3-quantity`, counted from 0."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace

from werkzeug.datastructures import MultiDict

from billhook.services import own_fields
from billhook.services.draft_editing import AdjustmentInput, DraftInput, LineInput

_LINE = re.compile(r"lines-([0-9]{1,4})-([a-z_]+)", re.ASCII)
_ADJUSTMENT = re.compile(r"adjustments-([0-9]{1,3})-[a-z]+", re.ASCII)
_TEXTS = tuple(
    one.name for one in fields(DraftInput) if one.name not in ("lines", "adjustments", "fields")
)
_LINE_TEXTS = tuple(
    one.name for one in fields(LineInput) if one.name not in ("adjustments", "fields")
)

Form = MultiDict[str, str]


def typed(form: Form) -> DraftInput:
    """Read a form; what it lacks is empty. Lines are counted anew, in their order."""
    texts = {name: form.get(name, "") for name in _TEXTS}
    by_line = _by_line(form)
    return DraftInput(
        lines=tuple(_line(by_line[place]) for place in sorted(by_line)),
        adjustments=_adjustments(form),
        fields=own_fields.sent(form),
        **texts,
    )


def _by_line(form: Form) -> dict[int, dict[str, str]]:
    """Return each line's inputs by their names within it."""
    found: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        if match := _LINE.match(name):
            found.setdefault(int(match[1]), {})[name[match.start(2) :]] = value
    return found


def _line(sent: Mapping[str, str]) -> LineInput:
    texts = {name: sent.get(name, "") for name in _LINE_TEXTS}
    return LineInput(adjustments=_adjustments(sent), fields=own_fields.sent(sent), **texts)


def _adjustments(sent: Mapping[str, str]) -> tuple[AdjustmentInput, ...]:
    places = sorted({int(match[1]) for name in sent if (match := _ADJUSTMENT.match(name))})
    found = (
        AdjustmentInput(
            kind=sent.get(f"adjustments-{place}-kind", ""),
            value=sent.get(f"adjustments-{place}-value", ""),
            reason=sent.get(f"adjustments-{place}-reason", ""),
        )
        for place in places
    )
    return tuple(one for one in found if one.value.strip() or one.reason.strip())


def with_line(given: DraftInput) -> DraftInput:
    """Add an empty line at the end, in the last one's section."""
    section = given.lines[-1].section if given.lines else ""
    return replace(given, lines=(*given.lines, LineInput(section=section)))


def without_line(given: DraftInput, place: int) -> DraftInput:
    """Take a line out."""
    return replace(given, lines=(*given.lines[:place], *given.lines[place + 1 :]))


def moved(given: DraftInput, place: int, by: int) -> DraftInput:
    """Move a line up or down; at an end it stays."""
    lines = list(given.lines)
    to = place + by
    if 0 <= place < len(lines) and 0 <= to < len(lines):
        lines[place], lines[to] = lines[to], lines[place]
    return replace(given, lines=tuple(lines))


def with_room(adjustments: Iterable[AdjustmentInput]) -> Sequence[AdjustmentInput]:
    """Return discounts and surcharges as the form shows them: an empty one after the last."""
    return [*adjustments, AdjustmentInput()]
