"""Own domains of the portal by the API: added, proved, dressed, removed."""

from billhook.api.schemas.portal_domains import (
    CheckedDomainAnswer,
    PortalDomainAnswer,
    PortalDomainBrand,
    PortalDomainInput,
    PortalDomainsAnswer,
)
from billhook.sdk.api import Made, Routes
from billhook.sdk.context import Context
from billhook.services import portal_domains
from billhook.throttling import limiter

PER_COMPANY = "20 per minute; 200 per hour"
"""How often a company's programs may have the DNS asked."""

routes = Routes("portal domains", "Names of your own at which the portal answers.")


@routes.get("/portal-domains", requires="portal.manage")
def list_portal_domains(ctx: Context) -> PortalDomainsAnswer:
    """List the domains, by name."""
    return PortalDomainsAnswer(
        data=[PortalDomainAnswer.of(one) for one in portal_domains.listing(ctx)]
    )


@routes.post("/portal-domains", requires="portal.manage")
def add_portal_domain(ctx: Context, body: PortalDomainInput) -> Made[PortalDomainAnswer]:
    """Add a domain, which waits to be proved; the answer says which records its DNS needs.

    One that is there stays as it is.
    """
    made = portal_domains.add(ctx, body.domain, brand=body.brand)
    return Made(PortalDomainAnswer.of(made), at=f"/portal-domains/{made.domain}")


@routes.get("/portal-domains/<domain>", requires="portal.manage")
def get_portal_domain(ctx: Context, domain: str) -> PortalDomainAnswer:
    """Get a domain, and since when it is proved."""
    return PortalDomainAnswer.of(portal_domains.get(ctx, domain))


@routes.post("/portal-domains/<domain>/check", requires="portal.manage")
def check_portal_domain(ctx: Context, domain: str, key: str | None) -> CheckedDomainAnswer:
    """Ask the DNS whether the domain is yours; the portal answers there within half a minute.

    Twenty times a minute and two hundred times an hour at most. Where no name server
    answers: 503. Where another company of the installation has proved it: 409.
    """
    with limiter.limit(PER_COMPANY, key_func=lambda: ctx.tenant.id.hex):
        return CheckedDomainAnswer.of(portal_domains.check(ctx, domain, key=key))


@routes.put("/portal-domains/<domain>/brand", requires="portal.manage")
def dress_portal_domain(ctx: Context, domain: str, body: PortalDomainBrand) -> PortalDomainAnswer:
    """Choose whose face strangers see at a domain, and whose mails lead there."""
    return PortalDomainAnswer.of(portal_domains.dress(ctx, domain, brand=body.brand))


@routes.delete("/portal-domains/<domain>", requires="portal.manage")
def remove_portal_domain(ctx: Context, domain: str) -> None:
    """Let the portal answer at a domain no more. Links in mails that lead there are lost."""
    portal_domains.remove(ctx, domain)
