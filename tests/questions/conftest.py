"""The portal's office, in which Eve has disputed Ann's invoice."""

from dataclasses import dataclass, replace
from uuid import UUID

import pytest
from tests.portal.conftest import Office, beginning, office

from billhook.db import db
from billhook.domain.questions import QuestionKind
from billhook.sdk.context import Actor, ActorKind
from billhook.services.portal import clients, guest_links, questions
from billhook.services.portal.clients import Client, Way
from billhook.services.portal.questions import NewQuestion
from billhook.testing.members import Somebody, join

__all__ = ["beginning", "office"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The office, and who asks there."""

    office: Office

    @property
    def admin(self) -> Somebody:
        return self.office.kept.admin

    def ask(self, name: str = "eve", customer: str = "ann", **given: object) -> UUID:
        """Let a client dispute an invoice; return the question."""
        client = self.office.client(name)
        fields = {"kind": QuestionKind.DISPUTE, "reason": "wrong_amount", "text": "Why?", **given}
        with client.ctx.acting():
            document_id = self.office.kept.invoices[customer]
            return questions.ask(client, NewQuestion(document_id=document_id, **fields))

    def guest(self, customer: str = "ann") -> Client:
        """Return whoever has the link in the mail of a customer's invoice."""
        contact = self.office.client("eve" if customer == "ann" else "lech")
        document_id = self.office.kept.invoices[customer]
        with self.office.ctx.transaction():
            link_id = guest_links.make(self.office.ctx, document_id)
        return replace(
            contact,
            way=Way.LINK,
            contact_id=None,
            name="",
            email="",
            guest_link_id=link_id,
            document_id=document_id,
            ctx=replace(
                contact.ctx,
                actor=Actor(kind=ActorKind.GUEST),
                permissions=frozenset({clients.GUEST}),
            ),
        )

    def reply(self, question_id: UUID, text: str, name: str = "eve") -> None:
        """Let a client say more."""
        client = self.office.client(name)
        with client.ctx.acting():
            questions.reply(client, question_id, text)

    def join(self, email: str, role: str = "clerk") -> Somebody:
        """Let somebody work here."""
        db.session.rollback()
        return join("office", email, role=role)


@pytest.fixture
def desk(office) -> Desk:
    return Desk(office=office)
