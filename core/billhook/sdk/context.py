"""Who acts in which tenant, at what time, with which plugins on.

Services, hooks and providers take a Context first. It is a value: entering it
is `acting`, writing is `ctx.transaction()`.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from billhook import db, i18n
from billhook.clock import Clock, today
from billhook.domain.parties import Party
from billhook.domain.states import Supply
from billhook.domain.tax import Registration
from billhook.domain.totals import TotalsOptions
from billhook.errors import Forbidden
from billhook.scoping import Scope, customer_scope
from billhook.sdk.ports import Ports


class ActorKind(StrEnum):
    PERSON = "person"
    API_KEY = "api_key"
    CLIENT = "client"  # a contact at the portal
    GUEST = "guest"  # whoever opened the link in a mail
    OPERATOR = "operator"  # the command line: whoever has the machine
    SYSTEM = "system"  # jobs and schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, for the audit log."""

    kind: ActorKind
    id: UUID | None = None
    address: str = ""  # of the network


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantSnapshot:
    """The tenant's own settings as the act found them."""

    id: UUID
    slug: str
    party: Party  # the seller
    currency: str
    time_zone: str
    language: str
    supplies: Supply
    tax_engine: str
    totals: TotalsOptions
    payment_days: int
    is_sandbox: bool
    registrations: tuple[Registration, ...]
    plugins: frozenset[str]
    version: int
    channels: tuple[str, ...] = ()
    """Keys of the channels by which documents go out by themselves."""
    formats: tuple[str, ...] = ()
    """Keys of the e-invoice formats that documents must pass."""
    requires_second_factor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that an act needs to know of its surroundings."""

    tenant: TenantSnapshot
    actor: Actor
    clock: Clock
    ports: Ports
    permissions: frozenset[str] | None = None
    """What the actor may do; None is the operator or the system, who may do all."""
    request_id: UUID | None = None
    scope: Scope | None = None
    """Whose customers the actor sees; None is all of them."""

    def now(self) -> datetime:
        return self.clock.now()

    def today(self) -> date:
        """Return the date in the tenant's time zone."""
        return today(self.clock, self.tenant.time_zone)

    def require(self, permission: str) -> None:
        """Raises Forbidden where the actor lacks the permission."""
        if self.permissions is not None and permission not in self.permissions:
            raise Forbidden(permission)

    def transaction(self) -> AbstractContextManager[Session]:
        """Write all of a block or nothing of it."""
        return db.transaction()

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Let the block see the tenant's rows and speak its language."""
        with (
            db.tenant_scope(self.tenant.id),
            customer_scope(self.scope),
            i18n.language(self.tenant.language),
        ):
            yield
