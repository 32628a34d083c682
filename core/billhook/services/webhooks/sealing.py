"""What messages are signed with: sealed at rest, shown once, opened to sign alone."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import or_, select

from billhook.db import db
from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.models.webhooks import WebhookSecret
from billhook.plugins.runtime import runtime
from billhook.services.sets import one_of


class WebhookSecretLost(BillhookError):
    """None of the installation's keys opens the secret of an endpoint."""

    code = "secret.unreadable"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The secret of a webhook cannot be opened with the keys of this installation. Add "
                "the lost key to BILLHOOK_SECRET_KEYS, or rotate the webhook's secret."
            )
        )


def seal(tenant_id: UUID, endpoint_id: UUID, secret_id: UUID, secret: str) -> bytes:
    """Seal a secret of one endpoint: copied elsewhere it does not open."""
    content = orjson.dumps([*_place(tenant_id, endpoint_id, secret_id), secret])
    return _fernet().encrypt(content)


def live(endpoint_ids: Collection[UUID], at: datetime) -> Mapping[UUID, list[WebhookSecret]]:
    """Return what endpoints sign with at an instant, the newest first."""
    rows = db.session.scalars(
        select(WebhookSecret)
        .where(one_of(WebhookSecret.endpoint_id, endpoint_ids))
        .where(or_(WebhookSecret.expires_at.is_(None), WebhookSecret.expires_at > at))
        .order_by(WebhookSecret.id.desc())
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, list[WebhookSecret]] = {one: [] for one in endpoint_ids}
    for row in rows:
        found[row.endpoint_id].append(row)
    return found


def opened(row: WebhookSecret) -> str:
    """Return a secret in clear. Raises WebhookSecretLost."""
    try:
        content = orjson.loads(_fernet().decrypt(row.sealed))
    except InvalidToken:
        raise WebhookSecretLost from None
    if content[:-1] != _place(row.tenant_id, row.endpoint_id, row.id):
        raise WebhookSecretLost
    return str(content[-1])


def reseal() -> tuple[int, list[WebhookSecretLost]]:
    """Seal the secrets of the tenant in scope with the first key, inside a transaction.

    Returns how many were resealed, and those that no key opens, which stay as they are.
    """
    resealed = 0
    lost: list[WebhookSecretLost] = []
    for row in db.session.scalars(select(WebhookSecret).with_for_update()).all():
        try:
            secret = opened(row)
        except WebhookSecretLost as error:
            lost.append(error)
            continue
        row.sealed = seal(row.tenant_id, row.endpoint_id, row.id, secret)
        resealed += 1
    return resealed, lost


def _place(tenant_id: UUID, endpoint_id: UUID, secret_id: UUID) -> list[str]:
    return ["webhook", str(tenant_id), str(endpoint_id), str(secret_id)]


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in runtime().config.secret_keys])
