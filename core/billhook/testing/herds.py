"""Two clients of one company, and a client of another: what is not the gnu's holds the word “zebra”.

For tests in which the gnu's people look for what is the zebra's. Both have an invoice with a
file beside it, a credit note, a question with a file, a notice, a change that waits for a yes.
"""

from dataclasses import dataclass
from uuid import UUID

from billhook.config import Config
from billhook.db import db
from billhook.domain.questions import QuestionKind
from billhook.domain.states import DocumentType, PortalRight, RunMode
from billhook.models.clients import ClientNotice
from billhook.models.drafts import Draft
from billhook.models.portal import ProfileChange
from billhook.models.questions import QuestionFile
from billhook.sdk.context import Context
from billhook.services import (
    attachments,
    billing,
    crediting,
    issuing,
    portal_settings,
)
from billhook.services.portal import guest_links, notices, profile, questions
from billhook.services.portal.notices import ClientNoticeKind
from billhook.services.portal_settings import PortalChange
from billhook.services.questions.attached import Upload
from billhook.testing import applications
from billhook.testing.members import Somebody, join, open_tenant
from billhook.testing.portals import client_of, make_client
from billhook.testing.shops import END, acting, make_charge, make_customer

MARK = "zebra"


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal:
    """A client, its people, and the ids of what it has."""

    customer: UUID
    contact: UUID
    """Who may all."""
    reader: UUID
    """A colleague who may see alone."""
    ids: dict[str, UUID]
    """By the names that routes have for them."""
    token: str
    """Of a link to its invoice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """The company “plain” with gnu and zebra, and the company “zoo” with a zebra of its own."""

    admin: Somebody
    gnu: Animal
    zebra: Animal
    caged: Animal
    """The zoo's."""


def build(config: Config, plugins: list) -> Herd:
    """Make the herd in an empty database."""
    with applications.running(config, plugins=plugins):
        pack = tuple(one.info.name for one in plugins)
        open_tenant("plain", pack=pack)
        open_tenant("zoo", name="Zebra Zoo", pack=pack)
        admin = join("plain", "ann@plain.example")
        with acting("plain") as ctx:
            gnu, zebra = (_animal(ctx, name) for name in ("Gnu", "Zebra"))
        with acting("zoo") as ctx:
            caged = _animal(ctx, "Zebra")
    return Herd(admin=admin, gnu=gnu, zebra=zebra, caged=caged)


def _animal(ctx: Context, name: str) -> Animal:
    word = name.lower()
    address = f"office@{word}.example"
    customer = make_customer(ctx, word, name=f"{name} Ltd", email=address, street=f"{name} Road 1")
    contact = make_client(ctx, customer, f"boss@{word}.example", name=f"{name} Boss")
    see = [PortalRight.SEE]
    reader = make_client(
        ctx, customer, f"reader@{word}.example", name=f"{name} Reader", rights=see
    )
    invoice = _invoice(ctx, customer, name)
    note = crediting.credit(
        ctx, invoice, reason=f"{name} sent it back", lines={1: 100}, issue_on=END
    )
    question, file = _question(ctx, contact, invoice, name)
    change = _change(ctx, contact, name)
    notice = _notice(ctx, contact, invoice, name)
    with ctx.transaction():
        link = guest_links.make(ctx, invoice)
    return Animal(
        customer=customer,
        contact=contact,
        reader=reader,
        ids={
            "document_id": invoice,
            "note_id": note.id,
            "question_id": question,
            "file_id": file,
            "contact_id": contact,
            "change_id": change,
            "notice_id": notice,
        },
        token=guest_links.token_of(ctx, link, invoice),
    )


def _invoice(ctx: Context, customer: UUID, name: str) -> UUID:
    """Issue an invoice with a file beside it."""
    make_charge(ctx, customer, "100", description=f"{name} food")
    billing.run(ctx, until=END, issue_on=END, mode=RunMode.DRAFT)
    draft = db.session.scalars(
        db.select(Draft.id).where(Draft.state == "open", Draft.customer_id == customer)
    ).one()
    terms = f"{name} terms.txt"
    attachments.attach(
        ctx, draft, name=terms, content_type="text/plain", content=f"{name} pays".encode()
    )
    return issuing.issue(ctx, draft, issue_on=END, key=f"{name}-1").id


def _question(ctx: Context, contact: UUID, invoice: UUID, name: str) -> tuple[UUID, UUID]:
    client = client_of(ctx, contact)
    with client.ctx.acting():
        asked = questions.ask(
            client,
            questions.NewQuestion(
                document_id=invoice,
                kind=QuestionKind.QUESTION,
                text=f"Why does the {name} pay?",
                uploads=[Upload(name=f"{name}.txt", content=f"{name} asks".encode())],
            ),
        )
    files = db.select(QuestionFile.file_id).order_by(QuestionFile.file_id.desc()).limit(1)
    return asked, db.session.scalars(files).one()


def _change(ctx: Context, contact: UUID, name: str) -> UUID:
    portal_settings.change(ctx, PortalChange(approvals=["name"]))
    client = client_of(ctx, contact)
    with client.ctx.acting():
        known = profile.show(client)
        wanted = {**known.wanted, "name": f"{name} & Sons Ltd"}
        profile.save(client, wanted, version=known.version, mark=known.mark)
    return db.session.scalars(
        db.select(ProfileChange.id).where(ProfileChange.contact_id == contact)
    ).one()


def _notice(ctx: Context, contact: UUID, invoice: UUID, name: str) -> UUID:
    with ctx.transaction():
        notices.tell(
            ctx,
            [contact],
            ClientNoticeKind.DOCUMENT_ISSUED,
            facts={"number": f"{name}-1", "type": DocumentType.INVOICE.value},
            object_kind="document",
            object_id=invoice,
            key=f"{name}-1",
        )
    return db.session.scalars(
        db.select(ClientNotice.id)
        .where(ClientNotice.contact_id == contact)
        .order_by(ClientNotice.id.desc())
        .limit(1)
    ).one()
