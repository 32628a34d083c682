"""An attack: what is tried, and which guard refuses it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from tests.kernel.forging import Forger, resealed
from tests.kernel.world import World

from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment

IS_POSTGRESQL = os.environ.get("BILLHOOK_TEST_BACKEND") == "postgresql"
ROLES = ("runtime", "owner") if IS_POSTGRESQL else ("anyone",)

OTHER = bytes(range(32))
TWO_RATES = TaxTreatment(
    components=(
        TaxComponent(tax="GST", country="CA", rate=Decimal(5)),
        TaxComponent(tax="PST", country="CA", rate=Decimal(7)),
        TaxComponent(tax="IRPF", country="ES", rate=Decimal(15), kind=ComponentKind.WITHHOLDING),
    ),
    category="S",
)


@dataclass(frozen=True)
class Attack:
    """What is tried, and which guard refuses it, where they differ by database or role."""

    name: str
    act: Callable[[Forger, World], object]
    guard: str = ""
    sqlite: str = ""
    runtime: str = ""

    def guard_for(self, role: str) -> str:
        special = {"runtime": self.runtime, "anyone": self.sqlite}.get(role)
        return special or self.guard


def posting(changes, document=None):
    """Post a document with changes to its rows."""
    return lambda forger, world: forger.post(
        document(forger) if document else forger.books.invoice(), changes
    )


def sql(statement, **values):
    """Run one statement; a value that is a function gets the world."""

    def act(forger, world):
        given = {
            name: value(world) if callable(value) else value for name, value in values.items()
        }
        forger.run(statement, **given)

    return act


def fork(rows, counter):
    """Follow the seal before the last one."""
    (seal,) = rows
    change = {counter: seal[counter] - 1, f"previous_{counter}": seal[counter] - 2}
    return resealed(**change)(rows)


def id_of(value):
    return UUID(bytes=value) if isinstance(value, bytes) else value
