"""Tables that are read before any tenant is known."""

from sqlalchemy import PrimaryKeyConstraint

from billhook.sdk.migrations import Item, grant, keep_rows, make_table


def control_table(
    name: str, *items: Item, key: tuple[str, ...] = ("id",), deletable: bool = True
) -> None:
    """Make a table of all tenants, without row-level security. Their list is short and tested."""
    make_table(name, *items, PrimaryKeyConstraint(*key))
    grant(name, "SELECT", "INSERT", "UPDATE", *(["DELETE"] if deletable else []))
    if not deletable:
        keep_rows(name)
