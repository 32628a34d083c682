"""Links to documents as the API gives them."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from billhook.sdk.api import Answer
from billhook.services.document_links import LinkEntry, LinkState, MadeLink


class DocumentLinkAnswer(Answer):
    """A link that shows a document without a log-in; what opens it is not told here."""

    id: UUID
    document_id: UUID
    state: LinkState
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None = Field(
        description="When it was first opened. Programs that look through mails open links, too."
    )
    revoked_at: datetime | None
    delivery_id: UUID | None = Field(
        description="The delivery whose message carries it; none where it was made by hand."
    )

    @classmethod
    def of(cls, one: LinkEntry) -> "DocumentLinkAnswer":
        """Return how the API shows a link."""
        return cls(
            id=one.id,
            document_id=one.document_id,
            state=one.state,
            made_at=one.made_at,
            expires_at=one.expires_at,
            opened_at=one.opened_at,
            revoked_at=one.revoked_at,
            delivery_id=one.delivery_id,
        )


class AddressedLinkAnswer(Answer):
    """A link with its address: whoever has that sees the document."""

    link: DocumentLinkAnswer
    address: str = Field(examples=["https://billing.example/portal/shop/d/AZDu…"])

    @classmethod
    def of(cls, made: MadeLink) -> "AddressedLinkAnswer":
        """Return how the API shows a link that is to be passed on."""
        return cls(link=DocumentLinkAnswer.of(made.entry), address=made.address)


class LinksAnswer(Answer):
    """The links to a document, the newest first, a hundred or so at most."""

    data: list[DocumentLinkAnswer]


class RevokedLinksAnswer(Answer):
    """How many links were ended."""

    count: int
