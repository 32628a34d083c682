"""Statements as files: in the brand's look, by the theme and the renderer of its documents.

They are made when somebody asks, and kept nowhere: tomorrow's says something else.
"""

from dataclasses import replace

from billhook.domain.brands import Brand
from billhook.domain.parties import Party
from billhook.domain.statements import Statement
from billhook.plugins.runtime import relay, runtime
from billhook.sdk.context import Context
from billhook.sdk.providers import Page
from billhook.services import brands, buyers
from billhook.services.presenting.statements import present_statement
from billhook.services.rendering import RenderedFile, safe_name


def rendered(ctx: Context, statement: Statement, *, language: str = "") -> RenderedFile:
    """Render a statement, in the customer's language unless another is given.

    For whoever may see it; outside any transaction. Raises PluginUnavailable,
    PluginFailed, Retryable, Rejected, ThemeMissing.
    """
    brand = brand_of(ctx, statement)
    buyer = _buyer(ctx, statement)
    made = page(ctx, statement, brand, replace(buyer, language=language or buyer.language))
    renderer = relay(ctx).renderer(brand.renderer, ctx)
    (found,) = renderer.render([made])
    stem = safe_name(f"{made.view.title} {statement.as_of.isoformat()}") or "statement"
    return RenderedFile(
        name=f"{stem}.{renderer.extension}",
        content_type=renderer.content_type,
        content=found.content,
        problems=found.problems,
    )


def brand_of(ctx: Context, statement: Statement) -> Brand:
    """Return the brand that the customer sees; its accounts are where the money goes."""
    return brands.of_customers(ctx, [statement.customer_id])[statement.customer_id]


def _buyer(ctx: Context, statement: Statement) -> Party:
    return buyers.buyers(ctx, [statement.customer_id])[statement.customer_id].snapshot.party


def page(ctx: Context, statement: Statement, brand: Brand, buyer: Party) -> Page:
    """Return a statement as markup by its brand's theme, with all that the markup shows."""
    theme = runtime().themes.get(brand.theme)
    resources = {**theme.resources(), **brands.pictures(ctx, brand)}
    view = present_statement(
        statement,
        brand=brand,
        seller=ctx.tenant.party,
        buyer=buyer,
        is_sandbox=ctx.tenant.is_sandbox,
    )
    return Page(view=view, html=theme.document_html(view, brand, resources), resources=resources)
