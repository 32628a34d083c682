"""What a caller must handle, each by name. What a person can correct is a Problem."""

from collections.abc import Sequence
from datetime import timedelta

from billhook.i18n import gettext as _
from billhook.problems import Problem


class BillhookError(Exception):
    """The root of our errors: a stable code, and a text that says what to do."""

    code = "billhook.error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ValidationFailed(BillhookError):
    """Input was refused; nothing was written. Carries every problem found."""

    code = "input.invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class BadNumber(BillhookError):
    """A text is no number within our digits."""

    code = "number.invalid"

    def __init__(self, text: str, decimals: int) -> None:
        super().__init__(
            _(
                "“%(text)s” is not a number that can be used here. Write digits with a point and "
                "at most %(decimals)s decimals, such as 1234.5, without separators or exponent.",
                text=text,
                decimals=decimals,
            )
        )


class UnknownCurrency(BillhookError):
    """A code is not in ISO 4217."""

    code = "currency.unknown"

    def __init__(self, currency: str) -> None:
        super().__init__(
            _(
                "“%(currency)s” is not an ISO 4217 currency. Use a code such as EUR or USD.",
                currency=currency[:40],
            )
        )


class NotFound(BillhookError):
    """Nothing of that kind and id is in this tenant."""

    code = "resource.not_found"

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(_("There is no %(kind)s “%(key)s” here.", kind=kind, key=str(key)[:80]))
        self.kind = kind
        self.key = key


class Forbidden(BillhookError):
    """The actor lacks a permission."""

    code = "access.forbidden"

    def __init__(self, permission: str) -> None:
        super().__init__(
            _(
                "This needs the permission “%(permission)s”. Ask an administrator for a role "
                "that has it.",
                permission=permission,
            )
        )
        self.permission = permission


class HostUnknown(BillhookError):
    """The browser asked for another host than the installation's own."""

    code = "host.unknown"


class Conflict(BillhookError):
    """The thing has moved on since it was read, or is in another state."""

    code = "resource.conflict"


class AlreadyIssued(Conflict):
    """The draft has become a document."""

    code = "draft.issued"


class PeriodClosed(BillhookError):
    """The ledger takes no postings on that date any more."""

    code = "period.closed"


class IdempotencyMismatch(BillhookError):
    """The same key came with another request."""

    code = "idempotency.mismatch"


class NoTenantInScope(BillhookError):
    """A statement on tenant rows ran without a tenant: a bug, never "all"."""

    code = "tenant.none"


class PluginFailed(BillhookError):
    """A plugin raised, hung or returned what its contract does not allow."""

    code = "plugin.failed"

    def __init__(self, plugin: str, reason: str) -> None:
        super().__init__(
            _("The plugin “%(plugin)s” failed: %(reason)s", plugin=plugin, reason=reason)
        )
        self.plugin = plugin
        self.reason = reason


class PluginOverran(PluginFailed):
    """A plugin did not answer in time; a transaction that it was called in is undone."""

    code = "plugin.overran"


class PluginUnavailable(BillhookError):
    """A plugin is not installed, refused, or not enabled for the tenant."""

    code = "plugin.unavailable"


class Retryable(BillhookError):
    """A provider cannot answer now; the same call may succeed later."""

    code = "provider.retryable"

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class Rejected(BillhookError):
    """A provider refuses this input for good; a person must correct it."""

    code = "provider.rejected"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = tuple(problems)


class OutcomeUnknown(BillhookError):
    """The other side may have done it or not; asking again could do it twice."""

    code = "provider.outcome_unknown"


def readable(text: str, limit: int) -> str:
    """Return what an error or another side says, as every database takes it and every page shows it."""
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in text[:limit])
