"""Where a tenant's choices name a plugin: what would stop with it."""

from collections.abc import Sequence

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute

from billhook.db import db
from billhook.i18n import gettext as _
from billhook.i18n import ngettext
from billhook.models.brands import BrandRow
from billhook.models.deliveries import DeliveryPreference
from billhook.models.tenants import Tenant
from billhook.models.work import Outbox
from billhook.problems import Problem, Severity


def uses(tenant: Tenant, name: str) -> list[Problem]:
    """Return a warning for each kind of thing that uses the plugin."""
    found = [
        _channels(tenant.channels, name),
        _customer_channels(name),
        _formats(tenant.formats, name),
        _customer_formats(name),
        _brands(name),
        _jobs(name),
    ]
    return [problem for problem in found if problem is not None]


def _channels(keys: Sequence[str], name: str) -> Problem | None:
    used = [key for key in keys if key.partition(".")[0] == name]
    if not used:
        return None
    return _warning(
        "plugin.channels_disabled",
        name,
        _(
            "The company sends documents by %(keys)s. They will not go out that way any more.",
            keys=", ".join(used),
        ),
    )


def _customer_channels(name: str) -> Problem | None:
    count = _naming(DeliveryPreference.channels, name)
    if not count:
        return None
    return _warning(
        "plugin.customer_channels_disabled",
        name,
        ngettext(
            "%(count)s customer gets documents by its channels, and will not get them any more.",
            "%(count)s customers get documents by its channels, and will not get them any more.",
            count,
        ),
    )


def _formats(keys: Sequence[str], name: str) -> Problem | None:
    used = [key for key in keys if key.partition(".")[0] == name]
    if not used:
        return None
    return _warning(
        "plugin.formats_disabled",
        name,
        _(
            "The company's documents must be e-invoices in %(keys)s. They cannot be issued until "
            "it is enabled again, or the format is taken away from the company.",
            keys=", ".join(used),
        ),
    )


def _customer_formats(name: str) -> Problem | None:
    count = _naming(DeliveryPreference.formats, name)
    if not count:
        return None
    return _warning(
        "plugin.customer_formats_disabled",
        name,
        ngettext(
            "%(count)s customer wants e-invoices in its formats. Their documents cannot be issued "
            "until then.",
            "%(count)s customers want e-invoices in its formats. Their documents cannot be issued "
            "until then.",
            count,
        ),
    )


def _brands(name: str) -> Problem | None:
    used = db.session.scalars(
        select(BrandRow.name)
        .where(BrandRow.renderer.startswith(f"{name}.", autoescape=True))
        .order_by(BrandRow.name)
    ).all()
    if not used:
        return None
    return _warning(
        "plugin.brands_disabled",
        name,
        _(
            "It prints the documents of these brands: %(names)s. Nothing of theirs can be printed "
            "or sent until they have another renderer.",
            names=", ".join(used),
        ),
    )


def _jobs(name: str) -> Problem | None:
    count = db.session.scalar(
        select(func.count())
        .select_from(Outbox)
        .where(Outbox.plugin == name, Outbox.state == "waiting")
    )
    if not count:
        return None
    return _warning(
        "plugin.jobs_disabled",
        name,
        ngettext(
            "%(count)s job of it waits. It will be given up, and can be retried once it is "
            "enabled again.",
            "%(count)s jobs of it wait. They will be given up, and can be retried once it is enabled "
            "again.",
            count,
        ),
    )


def _naming(column: InstrumentedAttribute[list[str] | None], name: str) -> int:
    """Count the customers whose list of keys names one of the plugin's."""
    begins = f'"{name}.'
    named = cast(column, String).contains(begins, autoescape=True)
    wanted = select(func.count()).select_from(DeliveryPreference).where(named)
    return db.session.scalar(wanted) or 0


def _warning(code: str, path: str, message: str) -> Problem:
    return Problem(code=code, path=path, message=message, severity=Severity.WARNING)
