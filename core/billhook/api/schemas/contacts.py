"""Customers' people as the API takes and gives them."""

from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.domain.deliveries import RecipientKind
from billhook.domain.states import PortalRight
from billhook.sdk.api import Answer, Input
from billhook.services.contacts import ContactInput
from billhook.services.customers import ContactEntry

_RECEIVES = "How documents go to them; null where they do not."


class ContactChanges(Input):
    """Changes of a person. A field that is left out stays; null or an empty text empties it."""

    name: str | None = Field(None, max_length=limits.NAME, examples=["Bob Miller"])
    email: str | None = Field(
        None,
        max_length=limits.EMAIL,
        description="Nobody else's among all contacts.",
        examples=["bob@client.example"],
    )
    phone: str | None = Field(None, max_length=limits.CODE)
    receives: RecipientKind | None = Field(None, description=_RECEIVES)
    is_active: bool = Field(True, description="Whether anything goes to them.")

    def input(self) -> ContactInput:
        """Return what was sent as services take it."""
        texts = {
            name: getattr(self, name) or ""
            for name in self.model_fields_set & {"name", "email", "phone", "receives"}
        }
        is_active = self.is_active if "is_active" in self.model_fields_set else None
        return ContactInput(**texts, is_active=is_active)


class NewContact(ContactChanges):
    """A person to be."""

    name: str = Field(min_length=1, max_length=limits.NAME, examples=["Bob Miller"])
    email: str = Field(
        min_length=3,
        max_length=limits.EMAIL,
        description="Nobody else's among all contacts.",
        examples=["bob@client.example"],
    )


class ContactAnswer(Answer):
    """A customer's person."""

    id: UUID
    customer_id: UUID
    customer: str = Field(description="The customer's reference.")
    name: str
    email: str
    phone: str
    receives: RecipientKind | None = Field(description=_RECEIVES)
    is_active: bool
    portal_rights: list[PortalRight] = Field(
        description="What they may do at the portal; empty where they may not enter it."
    )

    @classmethod
    def of(cls, entry: ContactEntry) -> "ContactAnswer":
        """Return how the API shows a person."""
        return cls(
            id=entry.id,
            customer_id=entry.customer_id,
            customer=entry.customer,
            name=entry.name,
            email=entry.email,
            phone=entry.phone,
            receives=entry.receives,
            is_active=entry.is_active,
            portal_rights=list(entry.portal_rights),
        )
