from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from billhook.domain.brands import Sender
from billhook.domain.deliveries import (
    Addressee,
    ContactPerson,
    Dispatch,
    Message,
    Recipient,
    RecipientKind,
)
from billhook.domain.parties import Address, Party
from billhook.domain.publications import FileContent
from billhook.ids import new_id
from billhook.sdk.context import Context
from billhook.testing.contexts import lonely_context
from billhook.testing.mail import HOST, PostOffice, post_office
from billhook_delivery_email import talking
from billhook_delivery_email.channel import SmtpChannel
from billhook_delivery_email.settings import DeliveryEmailSettings, Security

PDF = FileContent(name="INV-1.pdf", content_type="application/pdf", content=b"%PDF-1.7 x")
PLAIN = {"host": HOST, "security": Security.NONE, "timeout": 5}


@pytest.fixture
def ctx() -> Callable[..., Context]:
    """Make a context in which the tenant has stored settings."""

    def make(deliveries: Any = None, **settings: Any) -> Context:
        return lonely_context(
            "delivery_email", settings=DeliveryEmailSettings(**settings), deliveries=deliveries
        )

    return make


@pytest.fixture
def channel(ctx) -> Callable[..., SmtpChannel]:
    """Make the channel for a server, unencrypted but for what the settings say."""

    def make(post: PostOffice | None = None, **settings: Any) -> SmtpChannel:
        known = {**PLAIN, "port": post.port} if post is not None else {}
        return SmtpChannel(ctx(**{**known, **settings}))

    return make


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A server that takes all."""
    with post_office() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the last answer of a server be lost after a second."""
    monkeypatch.setattr(talking, "FINAL_PATIENCE", 1)


def dispatch(*people: str | Recipient, **fields: Any) -> Dispatch:
    """Make a dispatch to some people; texts are addresses."""
    return Dispatch(
        **{
            "id": new_id(),
            "sender": Sender(name="Shop Ltd", email="billing@shop.example"),
            "recipients": tuple(
                Recipient(address=one) if isinstance(one, str) else one
                for one in people or ("ann@client.example",)
            ),
            "message": Message(subject="Invoice INV-1", text="Hello.\n", html="<p>Hello.</p>"),
            "language": "en",
            "files": (PDF,),
            **fields,
        }
    )


def copy(address: str, **fields: Any) -> Recipient:
    return Recipient(address=address, kind=RecipientKind.CC, **fields)


def blind(address: str) -> Recipient:
    return Recipient(address=address, kind=RecipientKind.BCC)


@dataclass
class Committing:
    """Counts how often the point of no return was passed."""

    count: int = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def committing() -> Committing:
    return Committing()


@pytest.fixture
def addressee() -> Callable[..., Addressee]:
    """Make the customer Ann with some people."""

    def make(*people: ContactPerson, email: str = "ann@client.example") -> Addressee:
        party = Party(name="Ann & Co", address=Address(country="GB"), email=email)
        return Addressee(party=party, contacts=people)

    return make
