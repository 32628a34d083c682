"""What stands beside customers in answers, looked up for a page at once."""

from collections.abc import Collection, Sequence

from billhook.api.schemas.contacts import ContactAnswer
from billhook.api.schemas.customers import (
    BalanceAnswer,
    CustomerAnswer,
    Expansion,
    WaitingAnswer,
)
from billhook.sdk.context import Context
from billhook.services import contacts, customer_balances, customer_search, customer_tags
from billhook.services.customers import CustomerEntry

TAGGED: Sequence[Expansion] = ("tags",)
"""What stands beside a customer that was just changed."""


def answers(
    ctx: Context, entries: Sequence[CustomerEntry], expand: Collection[Expansion]
) -> list[CustomerAnswer]:
    """Return customers with what is asked for beside them: a look each, however many they are."""
    ids = [one.id for one in entries]
    tags = customer_tags.of_customers(ids) if "tags" in expand else None
    people = contacts.of_customers(ctx, ids) if "contacts" in expand else None
    balances = customer_balances.of_customers(ctx, ids) if "balance" in expand else None
    waiting = customer_search.waiting_by_customer(ctx, ids) if "waiting" in expand else None
    return [
        CustomerAnswer.of(
            one,
            tags=None if tags is None else list(tags.get(one.id, ())),
            contacts=None
            if people is None
            else [ContactAnswer.of(person) for person in people.get(one.id, ())],
            balance=None
            if balances is None
            else [BalanceAnswer.of(open_) for open_ in balances.get(one.id, ())],
            waiting=None if waiting is None else WaitingAnswer.of(waiting[one.id]),
        )
        for one in entries
    ]


def answer(
    ctx: Context, entry: CustomerEntry, expand: Collection[Expansion] = TAGGED
) -> CustomerAnswer:
    """Return a customer; as it stands after a change where nothing else is asked for."""
    [found] = answers(ctx, [entry], expand)
    return found
