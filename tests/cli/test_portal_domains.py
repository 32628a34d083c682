"""`billhook portal domain` and `billhook documents link`, as somebody types them."""


def test_a_domain_is_added_confirmed_and_removed(shop):
    name = "billing.shop.example"
    added = shop("portal", "domain", "add", name.upper())
    assert f"_billhook.{name}" in added.out
    assert shop("portal", "domain", "list", "--json").json["domains"][0]["verified_at"] is None
    (confirmed,) = shop("portal", "domain", "confirm", name, "--json").json["domains"]
    assert confirmed["verified_at"]
    dressed = shop("portal", "domain", "dress", name, "--brand", "default", "--json")
    assert dressed.json["domains"][0]["brand"] == "default"
    shop("portal", "domain", "remove", name)
    assert shop("portal", "domain", "list", "--json").json == {"domains": []}
    assert "domain of your own" in shop("portal", "domain", "add", "10.0.0.1", status=1).err


def test_a_link_to_a_document_is_made_and_ended(billed):
    shop, invoice = billed, billed("documents", "list", "--json").json["documents"][0]["number"]
    made = shop("documents", "link", "make", invoice, "--json").json
    assert made["address"].startswith("http://127.0.0.1:8000/portal/shop/d/")
    listed = shop("documents", "link", "list", invoice)
    assert made["link"]["id"] in listed.out
    assert made["address"] not in listed.out
    ended = shop("documents", "link", "revoke", invoice, made["link"]["id"], "--json").json
    assert ended["links"][0]["state"] == "revoked"
    assert "0 links" in shop("documents", "link", "revoke", invoice, "--all").out
    assert "--all" in shop("documents", "link", "revoke", invoice, status=2).err
