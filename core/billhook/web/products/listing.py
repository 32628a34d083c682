"""The list of products."""

from collections.abc import Sequence

from flask import url_for

from billhook.domain.states import Supply
from billhook.i18n import gettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import catalogue
from billhook.services.catalogue import ListedProduct, ProductFilter
from billhook.services.paging import Slice
from billhook.web.labels import label
from billhook.web.lists import (
    Badge,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
)

_ACTIVE = {"yes": True, "no": False}


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[ListedProduct]:
    wanted = ProductFilter(
        text=query.text,
        is_active=_ACTIVE.get(query.value("active")),
        supply=query.choice("supply", Supply),
    )
    return catalogue.search(
        ctx,
        wanted,
        sort=query.sort,
        is_descending=query.is_descending,
        after=after,
        limit=limit,
    )


def _state(row: ListedProduct) -> Badge:
    if row.entry.is_active:
        return Badge(gettext("Sold"), "good")
    return Badge(gettext("Not sold any more"), "quiet")


def _supplies(_ctx: Context) -> Sequence[Choice]:
    return [Choice(supply.value, label(supply)) for supply in Supply]


def _active(_ctx: Context) -> Sequence[Choice]:
    return [Choice("yes", gettext("Sold")), Choice("no", gettext("Not sold any more"))]


PAGE = ListPage(
    name="products",
    title=_("Products"),
    permission="products.view",
    template="products/list.html",
    search=_("SKU or name"),
    columns=(
        Column(
            key="name",
            label=_("Name"),
            value=lambda row: row.entry.name,
            href=lambda row: url_for("products.product", product_id=row.entry.id),
            sort="name",
            is_title=True,
        ),
        Column(
            key="sku",
            label=_("SKU"),
            kind=Kind.CODE,
            value=lambda row: row.entry.sku,
            sort="sku",
        ),
        Column(key="price", label=_("Price today"), value=lambda row: row.price),
        Column(
            key="supply",
            label=_("What it is"),
            value=lambda row: label(row.entry.supply) if row.entry.supply else "",
        ),
        Column(key="tax", label=_("Tax category"), value=lambda row: row.entry.tax_category),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=_state),
        Column(
            key="unit",
            label=_("Unit"),
            kind=Kind.CODE,
            value=lambda row: row.entry.unit,
            is_extra=True,
        ),
        Column(
            key="account",
            label=_("Revenue account"),
            kind=Kind.CODE,
            value=lambda row: row.entry.revenue_account,
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="active", label=_("State"), kind=FilterKind.CHOICE, choices=_active),
        Filter(key="supply", label=_("What it is"), kind=FilterKind.CHOICE, choices=_supplies),
    ),
    fetch=_fetch,
    identify=lambda row: row.entry.id,
    default_sort="sku",
)
