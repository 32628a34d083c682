"""The list of customers."""

from collections.abc import Sequence
from uuid import UUID

from flask import request, url_for

from billhook.errors import ValidationFailed
from billhook.i18n import gettext, ngettext
from billhook.i18n import lazy_gettext as _
from billhook.sdk.context import Context
from billhook.services import customer_profiles, customer_search, customer_tags, customers
from billhook.services.customer_search import (
    CustomerFilter,
    CustomerOrder,
    CustomerState,
    FoundCustomer,
)
from billhook.services.paging import Slice
from billhook.web.customers import inviting
from billhook.web.labels import label
from billhook.web.lists import (
    Asked,
    Badge,
    BulkAct,
    Choice,
    Column,
    Filter,
    FilterKind,
    Kind,
    ListPage,
    ListQuery,
    Outcome,
    Question,
)
from billhook.web.templates import country


def _address(row: FoundCustomer) -> str:
    return url_for("customers.customer", customer_id=row.id)


def _beside(row: FoundCustomer) -> str:
    """Return the tags; a row without any is one line high."""
    return ", ".join(row.tags)


def _state(row: FoundCustomer) -> Badge:
    if row.is_merged:
        return Badge(label(CustomerState.MERGED), "quiet")
    if row.is_parked:
        return Badge(label(CustomerState.PARKED), "warn")
    if not row.is_active:
        return Badge(label(CustomerState.INACTIVE), "quiet")
    return Badge(label(CustomerState.ACTIVE), "good")


def _wanted(ctx: Context, query: ListQuery) -> CustomerFilter:
    return CustomerFilter(
        text=query.text,
        country=query.value("country"),
        tag=query.value("tag"),
        owner_id=query.key("owner"),
        state=query.choice("state", CustomerState),
        payer_id=_payer(ctx, query.value("payer")),
    )


def _payer(ctx: Context, reference: str) -> UUID | None:
    found = customers.listing(ctx, search=reference, limit=1) if reference else []
    return next((one.id for one in found if one.reference == reference), None)


def _fetch(ctx: Context, query: ListQuery, *, after: str, limit: int) -> Slice[FoundCustomer]:
    return customer_search.search(
        ctx,
        _wanted(ctx, query),
        by=CustomerOrder(query.sort),
        is_descending=query.is_descending,
        after=after,
        limit=limit,
    )


def _states(_ctx: Context) -> Sequence[Choice]:
    return [Choice(state.value, label(state)) for state in CustomerState]


def _countries(ctx: Context) -> Sequence[Choice]:
    found = [Choice(code, country(code)) for code in customer_search.countries(ctx)]
    return sorted(found, key=lambda one: str(one.label))


def _tags(ctx: Context) -> Sequence[Choice]:
    return [Choice(tag, tag) for tag in customer_tags.all_tags(ctx)]


def _owners(ctx: Context) -> Sequence[Choice]:
    return [Choice(str(one.id), one.name) for one in customer_tags.owners(ctx)]


# Many at once


def _ask_tag(_ctx: Context, chosen: Sequence[UUID]) -> Question:
    text = ngettext(
        "%(count)s customer gets a tag.", "%(count)s customers get a tag.", len(chosen)
    )
    return Question(text, asked=Asked("tag", gettext("Tag")))


def _tag(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    count, problems = customer_tags.add(ctx, chosen, request.form.get("tag", ""))
    return Outcome(
        ngettext(
            "%(count)s customer carries the tag now.",
            "%(count)s customers carry the tag now.",
            count,
        ),
        [problem.message for problem in problems],
    )


def _ask_untag(ctx: Context, chosen: Sequence[UUID]) -> Question:
    text = ngettext(
        "%(count)s customer loses a tag, where it carries it.",
        "%(count)s customers lose a tag, where they carry it.",
        len(chosen),
    )
    return Question(text, asked=Asked("tag", gettext("Tag"), _tags(ctx)))


def _untag(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    count, problems = customer_tags.remove(ctx, chosen, request.form.get("tag", ""))
    return Outcome(
        ngettext(
            "%(count)s customer is without the tag now.",
            "%(count)s customers are without the tag now.",
            count,
        ),
        [problem.message for problem in problems],
    )


def _ask_owner(ctx: Context, chosen: Sequence[UUID]) -> Question:
    nobody = Choice("", gettext("Nobody"))
    text = ngettext(
        "Who looks after this customer?",
        "Who looks after these %(count)s customers?",
        len(chosen),
    )
    return Question(text, asked=Asked("owner", gettext("Owner"), [nobody, *_owners(ctx)]))


def _assign(ctx: Context, chosen: Sequence[UUID]) -> Outcome:
    owner = request.form.get("owner", "")
    try:
        owner_id = UUID(owner) if owner else None
        count = customer_profiles.assign(ctx, chosen, owner_id)
    except ValueError:
        return Outcome(gettext("Choose somebody who works here, or nobody."))
    except ValidationFailed as error:
        return Outcome(error.problems[0].message)
    return Outcome(
        ngettext("%(count)s customer was assigned.", "%(count)s customers were assigned.", count)
    )


PAGE = ListPage(
    name="customers",
    title=_("Customers"),
    permission="customers.view",
    template="customers/list.html",
    search=_("Name, reference or e-mail"),
    columns=(
        Column(
            key="name",
            label=_("Name"),
            value=lambda row: row.name,
            href=_address,
            sort="name",
            hint=_beside,
            is_title=True,
        ),
        Column(
            key="reference",
            label=_("Reference"),
            kind=Kind.CODE,
            value=lambda row: row.reference,
            sort="reference",
        ),
        Column(key="country", label=_("Country"), value=lambda row: country(row.country)),
        Column(key="city", label=_("City"), value=lambda row: row.city, is_extra=True),
        Column(key="email", label=_("E-mail"), kind=Kind.CODE, value=lambda row: row.email),
        Column(
            key="tax_number",
            label=_("Tax number"),
            kind=Kind.CODE,
            value=lambda row: row.tax_number,
            is_extra=True,
        ),
        Column(key="currency", label=_("Currency"), value=lambda row: row.currency),
        Column(key="payer", label=_("Who pays"), value=lambda row: row.payer),
        Column(key="owner", label=_("Owner"), value=lambda row: row.owner, is_extra=True),
        Column(
            key="charges",
            label=_("Waiting charges"),
            kind=Kind.NUMBER,
            value=lambda row: row.charges or None,
        ),
        Column(key="state", label=_("State"), kind=Kind.BADGE, value=_state),
        Column(
            key="created",
            label=_("Added"),
            kind=Kind.INSTANT,
            value=lambda row: row.created_at,
            sort="created",
            is_extra=True,
        ),
    ),
    filters=(
        Filter(key="state", label=_("State"), kind=FilterKind.CHOICE, choices=_states),
        Filter(key="country", label=_("Country"), kind=FilterKind.CHOICE, choices=_countries),
        Filter(key="tag", label=_("Tag"), kind=FilterKind.CHOICE, choices=_tags),
        Filter(key="owner", label=_("Owner"), kind=FilterKind.CHOICE, choices=_owners),
        Filter(key="payer", label=_("Payer's reference")),
    ),
    bulk=(
        BulkAct(
            key="tag",
            label=_("Add a tag"),
            icon="tag",
            permission="customers.edit",
            question=_ask_tag,
            act=_tag,
        ),
        BulkAct(
            key="untag",
            label=_("Take a tag away"),
            icon="tags",
            permission="customers.edit",
            question=_ask_untag,
            act=_untag,
        ),
        BulkAct(
            key="assign",
            label=_("Assign"),
            icon="user",
            permission="customers.edit",
            question=_ask_owner,
            act=_assign,
        ),
        BulkAct(
            key="invite",
            label=_("Invite to the portal"),
            icon="mail",
            permission="portal.invite",
            question=inviting.ask_to_invite,
            act=inviting.invite_all,
        ),
    ),
    fetch=_fetch,
    identify=lambda row: row.id,
    default_sort="name",
)
