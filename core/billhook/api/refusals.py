"""How operations refuse, for whoever reads of them: status, codes, and which operations it concerns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from billhook.sdk.api import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A status with which a request can be refused."""

    status: HTTPStatus
    name: str
    description: str
    codes: Sequence[str]
    """The usual ones; `docs/reference/api.md` has all."""
    concerns: Callable[[Operation, str], bool] = lambda _operation, _plugin: True
    """Called with an operation, and with the plugin that brings it or nothing."""


def _brings_a_body(operation: Operation, _plugin: str) -> bool:
    return operation.body is not None or "upload" in operation.takes


REFUSALS: tuple[Refusal, ...] = (
    Refusal(
        status=HTTPStatus.BAD_REQUEST,
        name="Malformed",
        description="The request is not what this description says; `problems` names each field.",
        codes=("request.malformed",),
    ),
    Refusal(
        status=HTTPStatus.UNAUTHORIZED,
        name="Unauthenticated",
        description="There is no key in force in the request.",
        codes=("request.unauthenticated",),
    ),
    Refusal(
        status=HTTPStatus.FORBIDDEN,
        name="Forbidden",
        description="The key lacks the scope that this needs.",
        codes=("access.forbidden",),
        concerns=lambda operation, _plugin: bool(operation.permission),
    ),
    Refusal(
        status=HTTPStatus.NOT_FOUND,
        name="NotFound",
        description="Nothing of that id is in the company of the key.",
        codes=("resource.not_found", "route.not_found", "plugin.unavailable"),
        concerns=lambda operation, plugin: "<" in operation.path or bool(plugin),
    ),
    Refusal(
        status=HTTPStatus.CONFLICT,
        name="Conflict",
        description="It is in another state than this act needs. Read it again.",
        codes=("resource.conflict", "draft.issued", "period.closed"),
        concerns=lambda operation, _plugin: operation.changes,
    ),
    Refusal(
        status=HTTPStatus.PRECONDITION_FAILED,
        name="Changed",
        description="It was changed since you read it: If-Match names another version.",
        codes=("precondition.failed",),
        concerns=lambda operation, _plugin: "match" in operation.takes,
    ),
    Refusal(
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        name="TooLarge",
        description="The body is larger than this takes.",
        codes=("body.too_large",),
        concerns=_brings_a_body,
    ),
    Refusal(
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        name="MediaType",
        description="The body is neither JSON nor, for a file, multipart/form-data.",
        codes=("body.media_type",),
        concerns=_brings_a_body,
    ),
    Refusal(
        status=HTTPStatus.UNPROCESSABLE_ENTITY,
        name="Invalid",
        description="What it asks for cannot be so; `problems` names each field.",
        codes=("input.invalid", "number.invalid", "currency.unknown", "idempotency.mismatch"),
    ),
    Refusal(
        status=HTTPStatus.TOO_MANY_REQUESTS,
        name="TooMany",
        description="Too many requests within a minute. Wait as long as Retry-After says.",
        codes=("rate.exceeded",),
    ),
    Refusal(
        status=HTTPStatus.BAD_GATEWAY,
        name="PluginFailed",
        description="A plugin failed; `detail` names it. Nothing was changed.",
        codes=("plugin.failed", "plugin.overran"),
        concerns=lambda operation, plugin: bool(plugin) or "key" in operation.takes,
    ),
    Refusal(
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        name="Unavailable",
        description="Something that this needs cannot be reached now. Try again, with the same key.",
        codes=("database.unavailable", "provider.retryable"),
    ),
)


def refusals_of(operation: Operation, plugin: str) -> list[Refusal]:
    """Return how an operation can refuse."""
    return [one for one in REFUSALS if one.concerns(operation, plugin)]
