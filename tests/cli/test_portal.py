"""`billhook portal`: the operator sees and changes how clients are let in."""

import pytest


def test_the_portal_is_set_up_and_closed(shop):
    changed = shop(
        "portal", "settings", "--link-days", "90", "--approve", "name,address", "--json"
    )
    assert changed.json["approvals"] == ["address", "name"]
    assert changed.json["link_days"] == 90
    assert shop("portal", "settings", "--closed", "--approve", "none", "--json").json == {
        **changed.json,
        "is_open": False,
        "approvals": [],
        "version": 2,
    }
    assert "90" in shop("portal", "settings").out
    refused = shop("portal", "settings", "--link-days", "731", status=1)
    assert "1 to 730" in refused.err


def test_the_log_is_empty_at_first_and_knows_its_acts(shop):
    assert shop("portal", "log", "--act", "logged_in", "--json").json == {"visits": []}
    assert "document.seen" in shop("portal", "log", "--act", "flew", status=2).err


@pytest.mark.parametrize(
    "listing",
    [("portal", "log"), ("questions", "list"), ("documents", "list"), ("charges", "list")],
)
def test_no_list_is_empty_for_a_customer_that_is_not_there(shop, listing):
    assert "no customer “nobody”" in shop(*listing, "--customer", "nobody", status=1).err
