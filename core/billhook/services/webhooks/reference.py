"""The page of the documentation that lists the events: `python -m billhook.services.webhooks.reference`."""

from dataclasses import fields
from typing import get_type_hints
from uuid import UUID

from billhook.domain.events import EVENTS, MOST_IDS, Event
from billhook.services.webhooks.samples import example

_BASE = "https://billing.example"

_HEAD = f"""\
# Events

Written from the code by `python -m billhook.services.webhooks.reference`; a test keeps it current.
How to take them: [Receive webhooks](../howto/receive-webhooks.md).

A message has `type`, `timestamp` (when it happened, by the company's clock) and `data`. Data are ids, counts and
codes, and `url`, where the API has the object: [why no more](../decisions/thin-events.md). Lists hold
the first {MOST_IDS} ids. New fields and events come without notice; a field that is here stays.

```json
{example("document.issued", base_url=_BASE)}
```

| Event | When | Data | `url` |
|---|---|---|---|
"""

_TYPES = {UUID: "id", int: "number", str: "text"}


def page() -> str:
    """Return the page of events as Markdown."""
    rows = [_row(kind) for kind in sorted(EVENTS, key=lambda one: one.name)]
    return _HEAD + "\n".join(rows) + "\n"


def _row(kind: type[Event]) -> str:
    hints = get_type_hints(kind)
    data = ", ".join(f"`{one.name}` {_TYPES.get(hints[one.name], 'ids')}" for one in fields(kind))
    url = f"`/api/v1{kind.resource}`" if kind.resource else ""
    return f"| `{kind.name}` | {kind.summary} | {data} | {url} |"


if __name__ == "__main__":
    print(page(), end="")
