"""What each kind of event tells, with a sample made from its fields."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

import orjson

from billhook.domain.events import EVENTS, Event
from billhook.errors import NotFound
from billhook.i18n import gettext as _
from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services.webhooks import messages

_EXAMPLES = uuid.UUID("01890a5d-ac96-774b-8000-000000000000")
_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """A kind of event that endpoints can be told of."""

    name: str
    summary: str
    fields: tuple[str, ...]
    """Of `data`; beside them is `url`, where the API has the object."""
    sample: str
    """A whole body, in JSON."""


def event_types(ctx: Context) -> list[EventType]:
    """Return every kind of event, by name."""
    ctx.require("webhooks.view")
    return [_type(kind) for kind in sorted(EVENTS, key=lambda one: one.name)]


def sample_message(ctx: Context, name: str) -> dict[str, Any]:
    """Return the whole body of an event that was made up. Raises NotFound."""
    ctx.require("webhooks.view")
    return messages.content(name, sample(name), at=_AT, base_url=runtime().config.base_url)


def sample(name: str) -> Mapping[str, Any]:
    """Return the fields of an event that was made up. Raises NotFound."""
    kind = next((one for one in EVENTS if one.name == name), None)
    if kind is None:
        raise NotFound(_("event"), name)
    hints = get_type_hints(kind)
    made = kind(**{one.name: _value(one.name, hints[one.name], kind) for one in fields(kind)})
    plain: Mapping[str, Any] = orjson.loads(orjson.dumps(made))
    return plain


def example(name: str, *, base_url: str) -> str:
    """Return the whole body of an event that was made up, as JSON in lines."""
    body = messages.content(name, sample(name), at=_AT, base_url=base_url)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


def _type(kind: type[Event]) -> EventType:
    return EventType(
        name=kind.name,
        summary=str(kind.summary),
        fields=tuple(one.name for one in fields(kind)),
        sample=example(kind.name, base_url=runtime().config.base_url),
    )


def _value(name: str, hint: Any, kind: type[Event]) -> Any:
    if name in kind.examples:
        return kind.examples[name]
    if hint is UUID:
        return UUID(int=_EXAMPLES.int + sum(name.encode()))
    if hint is int:
        return 1
    if UUID in get_args(hint):
        return (UUID(int=_EXAMPLES.int + sum(name.encode())),)
    raise TypeError(f"{kind.__name__}.{name} needs an example.")
