"""Routes of the API, the core's and the plugins' alike: values, made from typed functions.

```python
routes = Routes("bounces", _("Addresses that mails came back from"))


@routes.get("/bounces/<uuid:bounce_id>", requires="delivery_email.view")
def get_bounce(ctx: Context, bounce_id: UUID) -> Bounce:
    \"\"\"Get an address that mails came back from.\"\"\"
```

What a function takes says what the route takes: the places of the path by their
names, `query` and `body` by the model that annotates them, `upload` for a file,
`match` for the version in If-Match, `key` for the idempotency key where a service
takes one. What it returns says what the route answers. Its docstring is its page in
the reference: a line, and after an empty one the rest, in Markdown.

A function without `key` that changes something runs in one transaction with the
memory of its key; it must not call out. One that takes `key` hands it to its service.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Generic, Literal, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, Field

from billhook.errors import BillhookError, Conflict, ValidationFailed
from billhook.i18n import gettext as _

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
View = Callable[..., Any]
V = TypeVar("V", bound=View)
T = TypeVar("T")

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a request's JSON, where a route does not say otherwise."""

NAMED = ("ctx", "query", "body", "upload", "match", "key")
"""What a view may take beside the places of its path."""


class Input(BaseModel):
    """What a request brings: unknown fields and other types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Query(BaseModel):
    """What stands behind the question mark; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """Which page of a list."""

    limit: int = Field(50, ge=1, le=100, description="How many entries a page has at most.")
    after: str = Field(
        "", max_length=2_000, description="The `next` of the page before; empty for the first."
    )


class Answer(BaseModel):
    """What a request is answered with. One with a `version` carries it as its ETag, too."""

    model_config = ConfigDict(frozen=True)

    shows_secret: ClassVar[bool] = False
    """Whether it holds what is shown once: an idempotency key remembers it sealed."""


class Page(Answer, Generic[T]):
    """A page of a list."""

    data: list[T]
    next: str | None = Field(
        description="Give it as `after` to get the next page; null on the last."
    )


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """Something new, and its address below the API's; answered with 201."""

    answer: T
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file as it is kept; sent as an attachment."""

    name: str
    content_type: str
    content: bytes | Iterator[bytes]
    digest: str = ""
    """SHA-256 as hexadecimal digits, where it is known before: also its ETag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """The file of a multipart request, in its part “file”."""

    name: str
    content_type: str
    content: bytes


class RequestMalformed(ValidationFailed):
    """A request is not what the API's description says: 400. What is, may still be refused: 422."""

    code = "request.malformed"


class VersionMismatch(Conflict):
    """If-Match names another version than there is now."""

    code = "precondition.failed"


@dataclass(frozen=True, slots=True)
class Match:
    """The version that If-Match names; None where the request has no such header."""

    version: int | None

    def require(self, current: int) -> int:
        """Return the version that is changed. Raises VersionMismatch where another is expected."""
        if self.version not in (None, current):
            raise VersionMismatch(
                _(
                    "It was changed since you read it: you have version %(expected)s, there is "
                    "%(current)s. Read it again, and send your change with its new ETag.",
                    expected=self.version,
                    current=current,
                )
            )
        return current


class RouteMalformed(BillhookError):
    """A route says not what it takes or answers: a bug of whoever wrote it."""

    code = "api.route_malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: Method
    path: str
    """Below ``/api/v1``, as Flask's rules are written."""
    permission: str
    """The scope that it needs; empty where any key will do."""
    name: str
    """The name of its function, unique over the API: its `operationId`."""
    view: View
    tag: str
    takes: frozenset[str]
    query: type[Query] | None
    body: Any
    """A model, or a list of one; None where the request has no body."""
    answer: Any
    """The annotation of what is returned."""
    status: HTTPStatus
    changes: bool
    """Whether it may have an effect, and so takes an idempotency key."""
    largest_body: int
    examples: Mapping[str, Any] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        return inspect.cleandoc(self.view.__doc__ or "").partition("\n")[0]

    @property
    def description(self) -> str:
        return inspect.cleandoc(self.view.__doc__ or "").partition("\n")[2].strip()


class Routes:
    """The routes of one kind of thing, in the order in which they are written."""

    def __init__(self, tag: str, description: str) -> None:
        self.tag = tag
        self.description = description
        self.operations: list[Operation] = []

    def get(self, path: str, *, requires: str) -> Callable[[V], V]:
        """Read something."""
        return self._route("GET", path, requires, changes=False)

    def ask(
        self, path: str, *, requires: str, largest_body: int = LARGEST_BODY
    ) -> Callable[[V], V]:
        """Compute something from a body, by POST; nothing is changed."""
        return self._route("POST", path, requires, changes=False, largest_body=largest_body)

    def post(
        self, path: str, *, requires: str, largest_body: int = LARGEST_BODY
    ) -> Callable[[V], V]:
        """Make something, or do an act."""
        return self._route("POST", path, requires, largest_body=largest_body)

    def put(self, path: str, *, requires: str) -> Callable[[V], V]:
        """Replace something, or make it."""
        return self._route("PUT", path, requires)

    def patch(self, path: str, *, requires: str) -> Callable[[V], V]:
        """Change the fields that are sent."""
        return self._route("PATCH", path, requires)

    def delete(self, path: str, *, requires: str) -> Callable[[V], V]:
        """Remove something."""
        return self._route("DELETE", path, requires)

    def _route(
        self,
        method: Method,
        path: str,
        permission: str,
        *,
        changes: bool = True,
        largest_body: int = LARGEST_BODY,
    ) -> Callable[[V], V]:
        def declare(view: V) -> V:
            hints = get_type_hints(view, include_extras=True)
            takes = frozenset(inspect.signature(view).parameters)
            if not view.__doc__ or "return" not in hints or "ctx" not in takes:
                raise RouteMalformed(f"{view.__name__} needs ctx, a docstring and a return type.")
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    permission=permission,
                    name=view.__name__,
                    view=view,
                    tag=self.tag,
                    takes=takes,
                    query=hints.get("query"),
                    body=hints.get("body"),
                    answer=hints["return"],
                    status=_status(hints["return"]),
                    changes=changes,
                    largest_body=largest_body,
                )
            )
            return view

        return declare


def _status(answer: Any) -> HTTPStatus:
    if answer is type(None):
        return HTTPStatus.NO_CONTENT
    if getattr(answer, "__origin__", None) is Made:
        return HTTPStatus.CREATED
    return HTTPStatus.OK
