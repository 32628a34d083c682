"""Where a tenant's portal is found, for links in mails and on the company's pages."""

from uuid import UUID

from billhook.plugins.runtime import runtime
from billhook.sdk.context import Context
from billhook.services.portal import own_domains


def address(ctx: Context, path: str = "/", *, brand_id: UUID | None = None) -> str:
    """Return the whole address of a portal page, by its path below the portal's root.

    It is at the tenant's own domain where one is proved, the brand's before others.
    """
    if domain := own_domains.domain_of(ctx, brand_id):
        return f"https://{domain}{path}"
    base = runtime().config.base_url.rstrip("/")
    return f"{base}/portal/{ctx.tenant.slug}{path}"
