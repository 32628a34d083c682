"""Secrets of plugins: sealed at rest, opened only for their plugin, resealed when keys rotate.

The sealed content names tenant, plugin and field, so that a sealed value that
was copied into another row does not open there.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from billhook.db import current_tenant_id, db
from billhook.errors import BillhookError
from billhook.i18n import gettext as _
from billhook.models.plugins import Secret


class SecretUnreadable(BillhookError):
    """None of the installation's keys opens a stored secret."""

    code = "secret.unreadable"

    def __init__(self, plugin: str, name: str) -> None:
        super().__init__(
            _(
                "The stored secret “%(name)s” of %(plugin)s cannot be opened with the keys of this "
                "installation. Add the lost key to BILLHOOK_SECRET_KEYS, or enter the secret again.",
                plugin=plugin,
                name=name,
            )
        )


def opened(plugin: str, keys: tuple[str, ...], *, but: Collection[str] = ()) -> dict[str, str]:
    """Return the tenant's secrets of a plugin in clear. Raises SecretUnreadable."""
    rows = db.session.scalars(db.select(Secret).where(Secret.plugin == plugin))
    return {row.name: _open(row, keys) for row in rows if row.name not in but}


def names(plugin: str) -> frozenset[str]:
    """Name the tenant's secrets of a plugin that have a value."""
    return frozenset(db.session.scalars(db.select(Secret.name).where(Secret.plugin == plugin)))


def keep(plugin: str, name: str, value: str, *, keys: tuple[str, ...], at: datetime) -> None:
    """Seal a secret of the tenant in scope, inside a transaction; an empty one is removed."""
    tenant_id = current_tenant_id()
    row = db.session.get(Secret, (tenant_id, plugin, name))
    if not value:
        if row is not None:
            db.session.delete(row)
        return
    sealed = _seal(tenant_id, plugin, name, value, keys)
    if row is None:
        row = Secret(tenant_id=tenant_id, plugin=plugin, name=name, sealed=sealed, changed_at=at)
        db.session.add(row)
    row.sealed, row.changed_at = sealed, at


def reseal(keys: tuple[str, ...]) -> tuple[int, list[SecretUnreadable]]:
    """Seal all secrets of the tenant in scope with the first key, inside a transaction.

    Returns how many were resealed, and those that no key opens, which stay as they are.
    """
    resealed, unreadable = 0, []
    for row in db.session.scalars(db.select(Secret).with_for_update()).all():
        try:
            value = _open(row, keys)
        except SecretUnreadable as error:
            unreadable.append(error)
            continue
        row.sealed = _seal(row.tenant_id, row.plugin, row.name, value, keys)
        resealed += 1
    return resealed, unreadable


def _seal(tenant_id: UUID, plugin: str, name: str, value: str, keys: tuple[str, ...]) -> bytes:
    return _fernet(keys).encrypt(orjson.dumps([str(tenant_id), plugin, name, value]))


def _open(row: Secret, keys: tuple[str, ...]) -> str:
    try:
        tenant_id, plugin, name, value = orjson.loads(_fernet(keys).decrypt(row.sealed))
    except InvalidToken:
        raise SecretUnreadable(row.plugin, row.name) from None
    if (tenant_id, plugin, name) != (str(row.tenant_id), row.plugin, row.name):
        raise SecretUnreadable(row.plugin, row.name)
    return str(value)


def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
