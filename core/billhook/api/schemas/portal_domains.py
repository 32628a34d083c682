"""Own domains of the portal as the API takes and gives them."""

from datetime import datetime

from pydantic import Field

from billhook import limits
from billhook.domain.host_names import LONGEST
from billhook.sdk.api import Answer, Input
from billhook.services.portal_domains import Checked, DomainEntry


class PortalDomainInput(Input):
    """A domain to add."""

    domain: str = Field(
        min_length=1,
        max_length=LONGEST,
        description="As people write it or by IDNA.",
        examples=["billing.company.example"],
    )
    brand: str = Field(
        "",
        max_length=limits.CODE,
        description="The code of the brand whose face strangers see there; empty for the default one.",
    )


class PortalDomainBrand(Input):
    """Whose face strangers see at a domain."""

    brand: str = Field(
        max_length=limits.CODE, description="A brand's code; empty for the default one."
    )


class PortalDomainAnswer(Answer):
    """A domain, with the records that its DNS needs."""

    domain: str = Field(description="By IDNA, as the DNS has it.")
    shown: str = Field(description="As people write it.")
    brand: str = Field(description="Empty for the default one.")
    record: str = Field(description="The name of the TXT record.")
    text: str = Field(description="What the TXT record says.")
    target: str = Field(description="Where a CNAME record of the domain leads.")
    made_at: datetime
    verified_at: datetime | None = Field(
        description="When it was proved; the portal answers there since."
    )

    @classmethod
    def of(cls, one: DomainEntry) -> "PortalDomainAnswer":
        """Return how the API shows a domain."""
        return cls(
            domain=one.domain,
            shown=one.shown,
            brand=one.brand,
            record=one.record,
            text=one.text,
            target=one.target,
            made_at=one.made_at,
            verified_at=one.verified_at,
        )


class PortalDomainsAnswer(Answer):
    """All domains, by name."""

    data: list[PortalDomainAnswer]


class CheckedDomainAnswer(Answer):
    """What the DNS said of a domain."""

    domain: PortalDomainAnswer
    texts: list[str] = Field(
        description="Of the TXT records that were found where ours should be."
    )
    aliases: list[str] = Field(
        description="Where its CNAME leads; none where it has another record."
    )

    @classmethod
    def of(cls, one: Checked) -> "CheckedDomainAnswer":
        """Return how the API shows what was found."""
        return cls(
            domain=PortalDomainAnswer.of(one.entry),
            texts=list(one.texts),
            aliases=list(one.aliases),
        )
