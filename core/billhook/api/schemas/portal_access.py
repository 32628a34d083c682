"""Contacts' access to the portal as the API takes and gives it."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from billhook.domain.states import PortalRight
from billhook.sdk.api import Answer, Input
from billhook.services.client_access import AccessState, ContactAccess
from billhook.services.portal.invitations import Invitation

_RIGHTS = "What they may do; whoever may enter may `see`."


class PortalRights(Input):
    """What a contact may do at the portal."""

    rights: list[PortalRight] = Field(
        max_length=len(PortalRight), description=_RIGHTS, examples=[["see", "pay"]]
    )


class PortalAccessAnswer(Answer):
    """A contact's access to the portal."""

    contact_id: UUID
    state: AccessState = Field(
        description="`expired`: they were invited, but did not use the link in time."
    )
    rights: list[PortalRight] = Field(description=_RIGHTS)
    invited_until: datetime | None = Field(
        description="Until when the link of the invitation works."
    )
    has_second_factor: bool
    last_log_in_at: datetime | None

    @classmethod
    def of(cls, access: ContactAccess) -> "PortalAccessAnswer":
        """Return how the API shows a contact's access."""
        return cls(
            contact_id=access.contact_id,
            state=access.state,
            rights=list(access.rights),
            invited_until=access.invited_until,
            has_second_factor=access.has_factor,
            last_log_in_at=access.seen_at,
        )


class PortalInvitationAnswer(Answer):
    """An invitation to the portal, and what became of its mail."""

    shows_secret = True

    access: PortalAccessAnswer
    expires_at: datetime
    is_mailed: bool
    link: str = Field(
        description="Where it could not be mailed: to be passed on to them alone. It works once."
    )
    reason: str = Field(description="Why it could not be mailed, as far as that is known.")

    @classmethod
    def of(
        cls, access: ContactAccess, made: Invitation, *, is_mailed: bool, reason: str
    ) -> "PortalInvitationAnswer":
        """Return how the API shows an invitation; the link only where it was not mailed."""
        return cls(
            access=PortalAccessAnswer.of(access),
            expires_at=made.expires_at,
            is_mailed=is_mailed,
            link="" if is_mailed else made.link,
            reason=reason,
        )
