"""`billhook portal invite`, `rights`, `access`, `revoke`: who of a customer's people may enter."""

import pytest

from billhook.services import customers
from billhook.services.contexts import operator_context

from .conftest import CUSTOMERS

ZOE = "zoe@client.example"


@pytest.fixture
def known(shop, file):
    """Return the command line of a shop whose customer Ann has a contact."""
    shop("import", "customers", file(CUSTOMERS))
    ctx = operator_context("shop")
    with ctx.acting():
        customers.save_contact(ctx, "ann", email=ZOE, name="Zoe")
    return shop


def test_a_contact_is_invited_given_rights_and_kept_out(known):
    made = known("portal", "invite", "ann", ZOE, "--may", "pay", "--json").json
    assert "/portal/shop/invitation/" in made["link"]
    assert "until" in known("portal", "invite", "ann", "ZOE@client.example").out

    def state() -> tuple[str, list[str]]:
        (one,) = known("portal", "access", "ann", "--json").json["contacts"]
        return one["state"], one["rights"]

    assert state() == ("invited", ["see"])
    known("portal", "rights", "ann", ZOE, "--may", "manage")
    assert state() == ("invited", ["see", "manage"])
    known("portal", "revoke", "ann", ZOE)
    assert state() == ("none", [])
    assert ZOE in known("portal", "access", "ann").out
    refused = known("portal", "remove-second-factor", "ann", ZOE, status=1)
    assert "no second factor" in refused.err
    assert known("portal", "invite", "bob", ZOE, status=1).err
    unknown = known("portal", "invite", "ann", "eve@client.example", status=1).err
    assert "ann has no contact “eve@client.example”. Add one" in unknown
