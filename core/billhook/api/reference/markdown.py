"""The reference as a page of the documentation: every operation on a line, and what all have in common."""

from collections.abc import Iterable, Iterator

from billhook import limits
from billhook.api import versions
from billhook.api.openapi import COMMON_HEADERS, HEADERS, Described, description
from billhook.api.reference.codes import field_codes, problem_codes
from billhook.api.reference.sheets import GroupSheet, sheets
from billhook.api.resources import ROUTES
from billhook.api.throttling import TENANT_PER_MINUTE
from billhook.sdk.api import LARGEST_BODY, PageQuery
from billhook.services.idempotency import KEPT, WAIT_SECONDS

_HEAD = """\
# API

Written from the routes by `python -m billhook.api.reference > docs/reference/api.md`; a test keeps it current. An
installation shows the same with parameters, bodies, answers, examples and forms to try it at `/api/v1/docs`, routes of
plugins included, and as OpenAPI 3.1 at `/api/v1/openapi.json`.
[The first hour](../howto/first-hour-with-the-api.md) begins at the beginning, [How the API works](../explanation/api.md)
gives the reasons.
"""


def reference() -> str:
    """Return the page as Markdown."""
    content = description([Described(routes=routes) for routes in ROUTES], server="")
    groups = sheets(content)
    parts = [_HEAD, *_common(), *_groups(groups), *_codes()]
    return "\n".join(parts).rstrip() + "\n"


def _common() -> Iterator[str]:
    limit = PageQuery.model_fields["limit"]
    most = next(one.le for one in limit.metadata if hasattr(one, "le"))
    yield from ("## What all have in common", "")
    yield from _table(
        ("what", "how"),
        [
            (
                "key",
                "`Authorization: Bearer bhk_…`; 401 without one in force, 403 without the scope",
            ),
            (
                "bodies",
                (
                    f"JSON in UTF-8, at most {LARGEST_BODY // 1024 // 1024} MB and "
                    f"{limits.JSON_DEPTH} levels; unknown, doubled and mistyped fields are refused"
                ),
            ),
            (
                "amounts",
                'texts such as `"119.00"`, with `currency` beside them; so are quantities and rates',
            ),
            ("days, instants", "`2026-01-31`; `2026-01-31T12:00:00Z`, always UTC in answers"),
            (
                "lists",
                (
                    f"`limit` ({limit.default}, at most {most}) and `after`: the `next` of the page "
                    "before; also as header `Link`"
                ),
            ),
            ("`expand`", "asks for more of each entry, several separated by commas"),
            (
                "`Idempotency-Key`",
                (
                    f"on every write, 1 to {limits.NAME} printable characters; remembered for "
                    f"{KEPT.days} days by key and route. The same request again: the first answer. "
                    f"Another request: 422. While the first is at work: it waits, after "
                    f"{WAIT_SECONDS} seconds 409"
                ),
            ),
            (
                "`ETag`, `If-Match`",
                (
                    "the version of what was read; 412 where it was changed since. "
                    "`If-None-Match` on reading: 304"
                ),
            ),
            (
                f"`{versions.HEADER}`",
                f"answers in another version than the key's: {', '.join(versions.known(versions.CHANGES))}",
            ),
            (
                "limits",
                (
                    f"per key as its page says, {TENANT_PER_MINUTE:,} a minute for all keys of a "
                    "company; then 429 with `Retry-After`"
                ),
            ),
        ],
    )
    yield from ("", "Headers of answers:", "")
    names = [*COMMON_HEADERS, *(name for name in HEADERS if name not in COMMON_HEADERS)]
    yield from _table(
        ("header", "meaning"), [(f"`{name}`", HEADERS[name]["description"]) for name in names]
    )


def _groups(groups: Iterable[GroupSheet]) -> Iterator[str]:
    yield from ("", "## Operations", "")
    for group in groups:
        yield from (f"### {group.title}", "", group.text, "")
        yield from _table(
            ("operation", "request", "scope"),
            [
                (
                    one.title,
                    f"`{one.method} {one.path}`",
                    f"`{one.scope}`" if one.scope else "any",
                )
                for one in group.operations
            ],
        )
        yield ""


def _codes() -> Iterator[str]:
    yield from (
        "## Codes of problems",
        "",
        "An error is `application/problem+json`: `code` is stable and for programs, `detail` tells people what to do,",
        "`problems` names each field at fault by its path, such as `lines.0.quantity`, with a code of its own.",
        "",
    )
    yield from _table(
        ("code", "status", "meaning"),
        [(f"`{one.code}`", str(one.status), one.meaning) for one in problem_codes()],
    )
    yield from ("", "Codes at fields, of the core; plugins write theirs as `<plugin>.<code>`:", "")
    yield from (f"`{code}`" + " ·" for code in field_codes()[:-1])
    yield f"`{field_codes()[-1]}`"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
