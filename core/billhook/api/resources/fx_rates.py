"""Exchange rates by the API."""

from decimal import Decimal

from billhook.api.schemas.fx_rates import NewRate, RateAnswer, RatesQuery
from billhook.errors import ValidationFailed
from billhook.sdk.api import Page, Routes
from billhook.sdk.context import Context
from billhook.services import fx
from billhook.services.fields import Fields
from billhook.services.fx import RateFilter

routes = Routes("exchange rates", "What other currencies are worth in the one of your books.")


@routes.get("/fx-rates", requires="fx_rates.view")
def list_fx_rates(ctx: Context, query: RatesQuery) -> Page[RateAnswer]:
    """List exchange rates, the latest day first."""
    wanted = RateFilter(currency=query.currency, since=query.since, until=query.until)
    found = fx.search(ctx, wanted, after=query.after, limit=query.limit)
    base = ctx.tenant.currency
    return Page(data=[RateAnswer.of(one, base) for one in found.rows], next=found.next or None)


@routes.put("/fx-rates", requires="fx_rates.edit")
def set_fx_rate(ctx: Context, body: NewRate) -> RateAnswer:
    """Enter the rate of a day, in place of an earlier one of the same source.

    Issued documents keep the rate that they froze.
    """
    kept = fx.set_rate(ctx, body.currency, _rate(body.rate), on=body.on, source=body.source)
    return RateAnswer.of(kept, ctx.tenant.currency)


def _rate(text: str) -> Decimal:
    """Raises ValidationFailed."""
    read = Fields()
    found = read.number("rate", text, decimals=fx.DECIMALS)
    if read.problems:
        raise ValidationFailed(read.problems)
    return found or Decimal(0)
