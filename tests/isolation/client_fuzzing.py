"""Requests at random to the portal: a client sends whatever belongs to another, everywhere.

Routes and fields come from the application; texts and ids from all rows of the other
clients, as for pages (`fuzzing`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.routing import BaseConverter

from billhook.db import Base, db
from billhook.scoping import followers
from billhook.services.contexts import operator_context
from billhook.services.portal import sessions
from billhook.services.portal.clients import Client
from billhook.testing.doors import Door, portal_doors

from .fuzzing import Belongings, Fuzz

LOCKS_OUT = {"portal.entering.log_out", "portal.looking.leave"}
"""What would keep the client from trying anything else; both have tests of their own."""


def belongings(all_of: Iterable[Client]) -> Belongings:
    """Return what some clients have, each by its own scope."""
    rows = [row for client in all_of for found in _rows(client).values() for row in found]
    return Belongings.among(value for row in rows for value in row)


def fingerprint(client: Client) -> dict[str, str]:
    """Return a hash of each table's rows that are a client's."""
    return {
        name: sha256(repr(sorted(map(repr, rows))).encode()).hexdigest()
        for name, rows in _rows(client).items()
    }


def _rows(client: Client) -> dict[str, list[Any]]:
    with client.ctx.acting():
        return {
            mapper.local_table.name: list(
                db.session.execute(select(*(one.class_attribute for one in mapper.column_attrs)))
            )
            for mapper in Base.registry.mappers
            if mapper.local_table.name in followers()  # type: ignore[attr-defined]
        }


@dataclass(kw_only=True)
class ClientFuzz(Fuzz):
    """One client's requests, one after the other: of the contact `person`, at one portal."""

    slug: str
    customer: UUID

    def __post_init__(self) -> None:
        self.root = f"/portal/{self.slug}/"
        self.leads_out = (f"{self.root}log-in", f"{self.root}second-factor")
        super().__post_init__()

    def _all_doors(self) -> list[Door]:
        return [one for one in portal_doors(self.app) if one.endpoint not in LOCKS_OUT]

    def _placed(self, name: str, kind: BaseConverter, sent: list[str]) -> Any:
        return self.slug if name == "tenant" else super()._placed(name, kind, sent)

    def _log_in_again(self) -> None:
        if self._is_out:
            ctx = operator_context(self.slug)
            with ctx.acting():
                token = sessions.begin(ctx, self.customer, contact_id=self.person)
            self._client.set_cookie("billhook_client", token, path=self.root)
            db.session.rollback()
            self._is_out = False
