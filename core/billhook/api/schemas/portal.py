"""The clients' portal as the API takes and gives it: its settings, and what was done there."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.sdk.api import Answer, Input, PageQuery
from billhook.services.portal.clients import Way
from billhook.services.portal.log import PortalAct
from billhook.services.portal.settings import PortalSettings
from billhook.services.portal_settings import (
    APPROVABLE,
    LONGEST_LINK_DAYS,
    LONGEST_MESSAGE,
    PortalChange,
)
from billhook.services.portal_usage import FoundVisit

Approvable = Annotated[str, Field(max_length=limits.CODE)]


class PortalSettingsAnswer(Answer):
    """How the portal is run."""

    is_open: bool
    link_days: int = Field(description="How many days a link in a mail shows its document.")
    approvals: list[str] = Field(
        description="Fields of a customer whose change by the client waits for a yes."
    )
    message: str = Field(description="What all clients read on their first page.")
    version: int

    @classmethod
    def of(cls, known: PortalSettings) -> "PortalSettingsAnswer":
        """Return how the API shows the settings."""
        return cls(
            is_open=known.is_open,
            link_days=known.link_days,
            approvals=sorted(known.approvals),
            message=known.message,
            version=known.version,
        )


class PortalSettingsChanges(Input):
    """What is to hold; what is left out stays."""

    is_open: bool | None = Field(
        None, description="False logs everybody out, and lets no link lead anywhere."
    )
    link_days: int | None = Field(None, ge=1, le=LONGEST_LINK_DAYS)
    approvals: list[Approvable] | None = Field(
        None, max_length=len(APPROVABLE), examples=[["name", "tax_number"]]
    )
    message: str | None = Field(None, max_length=LONGEST_MESSAGE)

    def as_change(self) -> PortalChange:
        """Return what the service is asked for."""
        return PortalChange(**self.model_dump())


class VisitsQuery(PageQuery):
    """Which visits; days are the company's and inclusive."""

    text: str = Field(
        "", max_length=limits.NAME, description="A part of a person's name or e-mail address."
    )
    customer_id: UUID | None = None
    contact_id: UUID | None = None
    act: PortalAct | None = None
    way: Way | None = None
    since: date | None = None
    until: date | None = None


class VisitAnswer(Answer):
    """Something that was done at the portal."""

    id: UUID
    happened_at: datetime
    act: PortalAct
    way: Way = Field(
        description="By an account, by the link of a mail, or a look by a member of the company."
    )
    customer_id: UUID
    customer: str
    contact_id: UUID | None
    viewer_id: UUID | None = Field(description="The member of the company who looked.")
    who: str = Field(description="Their name; empty for whoever had a link, or is gone.")
    object_kind: str = Field(examples=["document"])
    object_id: UUID | None
    object: str = Field(description="The document's number, else empty.")
    address: str = Field(description="Of the network.")
    user_agent: str

    @classmethod
    def of(cls, visit: FoundVisit) -> "VisitAnswer":
        """Return how the API shows a visit."""
        return cls(
            id=visit.id,
            happened_at=visit.happened_at,
            act=PortalAct(visit.act),
            way=visit.way,
            customer_id=visit.customer_id,
            customer=visit.customer,
            contact_id=visit.contact_id,
            viewer_id=visit.viewer_id,
            who=visit.who,
            object_kind=visit.object_kind,
            object_id=visit.object_id,
            object=visit.object,
            address=visit.address,
            user_agent=visit.user_agent,
        )


class UsageMonthAnswer(Answer):
    """What clients did in a month; looks by members count as nothing."""

    since: date = Field(description="The month's first day.")
    clients: int = Field(description="Different customers who were there.")
    log_ins: int
    seen: int = Field(description="How often documents were looked at.")
    downloaded: int
    questions: int


class UsageAnswer(Answer):
    """How much the portal is used."""

    customers: int = Field(description="Active ones.")
    with_access: int = Field(description="Of them, those with somebody who has an account.")
    months: list[UsageMonthAnswer]
