"""Customers by the API."""

from uuid import UUID

from billhook.api import own_fields
from billhook.api.resources.customer_answers import answer, answers
from billhook.api.schemas.customers import (
    AssignedCustomers,
    CustomerAnswer,
    CustomerBatch,
    CustomerChanges,
    CustomerQuery,
    CustomersQuery,
    CustomersTouched,
    NewCustomer,
    OwnerAnswer,
    SavedCustomer,
    SavedCustomers,
    TaggedCustomers,
)
from billhook.domain.custom_fields import FieldSubject
from billhook.errors import ValidationFailed
from billhook.problems import Problem
from billhook.sdk.api import Made, Match, Page, Routes
from billhook.sdk.context import Context
from billhook.services import customer_profiles, customer_search, customer_tags, customers
from billhook.services.customer_profiles import ProfileInput
from billhook.services.customer_search import CustomerFilter

routes = Routes("customers", "Whom you bill.")


@routes.get("/customers", requires="customers.view")
def list_customers(ctx: Context, query: CustomersQuery) -> Page[CustomerAnswer]:
    """List customers.

    Find one by your own code with `reference`, those whom a customer pays for with `payer_id`.
    """
    wanted = CustomerFilter(
        text=query.text,
        reference=query.reference,
        country=query.country.upper(),
        tag=query.tag,
        owner_id=query.owner_id,
        state=query.state,
        payer_id=query.payer_id,
    )
    page = customer_search.entries(
        ctx,
        wanted,
        by=query.sort,
        is_descending=query.descending,
        after=query.after,
        limit=query.limit,
    )
    return Page(data=answers(ctx, page.rows, query.expand), next=page.next or None)


@routes.post("/customers", requires="customers.edit")
def create_customer(ctx: Context, body: NewCustomer) -> Made[CustomerAnswer]:
    """Add a customer."""
    own_fields.refuse_unknown(FieldSubject.CUSTOMER, [("fields", body.fields)])
    profile = ProfileInput(customer=body.input(body.reference), tags=body.all_tags or ())
    with own_fields.as_sent({"owner": "owner_id"}):
        made = customer_profiles.create(ctx, profile)
    return Made(answer(ctx, made), at=f"/customers/{made.id}")


@routes.put("/customers", requires="customers.edit")
def save_customers(ctx: Context, body: CustomerBatch) -> SavedCustomers:
    """Add or change up to 1,000 customers by their references.

    What is good is stored; each row's answer stands at its place, with what is wrong with
    it. In a row, a field that is left out stays as it is. A payer stands before those whom
    it pays for.
    """
    sent = [(f"customers.{place}.fields", row.fields) for place, row in enumerate(body.customers)]
    own_fields.refuse_unknown(FieldSubject.CUSTOMER, sent)
    saved = customers.save_all(ctx, [row.input(row.reference) for row in body.customers])
    return SavedCustomers(data=[SavedCustomer.of(one) for one in saved])


@routes.get("/customers/<uuid:customer_id>", requires="customers.view")
def get_customer(ctx: Context, customer_id: UUID, query: CustomerQuery) -> CustomerAnswer:
    """Get a customer."""
    return answer(ctx, customers.by_id(ctx, customer_id), query.expand)


@routes.patch("/customers/<uuid:customer_id>", requires="customers.edit")
def change_customer(
    ctx: Context, customer_id: UUID, body: CustomerChanges, match: Match
) -> CustomerAnswer:
    """Change a customer; fields that are left out stay, the reference always does."""
    stored = customers.by_id(ctx, customer_id)
    version = match.require(stored.version)
    own_fields.refuse_unknown(
        FieldSubject.CUSTOMER, [("fields", body.fields)], stored=stored.fields
    )
    profile = ProfileInput(customer=body.input(stored.reference), tags=body.all_tags)
    with own_fields.as_sent({"owner": "owner_id"}):
        changed = customer_profiles.change(ctx, customer_id, profile, version=version)
    return answer(ctx, changed)


# Tags, and who looks after customers


@routes.get("/customers/tags", requires="customers.view")
def list_customer_tags(ctx: Context) -> Page[str]:
    """List every tag that some customer carries."""
    return Page(data=customer_tags.all_tags(ctx), next=None)


@routes.post("/customers/tag", requires="customers.edit")
def tag_customers(ctx: Context, body: TaggedCustomers) -> CustomersTouched:
    """Let up to 1,000 customers carry a tag."""
    return _touched(customer_tags.add(ctx, body.customer_ids, body.tag))


@routes.post("/customers/untag", requires="customers.edit")
def untag_customers(ctx: Context, body: TaggedCustomers) -> CustomersTouched:
    """Take a tag away from up to 1,000 customers, where they carry it."""
    return _touched(customer_tags.remove(ctx, body.customer_ids, body.tag))


def _touched(outcome: tuple[int, list[Problem]]) -> CustomersTouched:
    count, problems = outcome
    if problems:
        raise ValidationFailed([own_fields.renamed(one, {"tags": "tag"}) for one in problems])
    return CustomersTouched(count=count)


@routes.get("/customers/owners", requires="customers.view")
def list_customer_owners(ctx: Context) -> Page[OwnerAnswer]:
    """List who can look after customers, by name."""
    people = [OwnerAnswer(id=one.id, name=one.name) for one in customer_tags.owners(ctx)]
    return Page(data=people, next=None)


@routes.post("/customers/assign", requires="customers.edit")
def assign_customers(ctx: Context, body: AssignedCustomers) -> CustomersTouched:
    """Let somebody look after up to 1,000 customers, or nobody."""
    with own_fields.as_sent({"owner": "owner_id"}):
        count = customer_profiles.assign(ctx, body.customer_ids, body.owner_id)
    return CustomersTouched(count=count)
