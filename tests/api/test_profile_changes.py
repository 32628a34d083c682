"""Changes that clients want, decided on by programs."""

from billhook.domain.states import PortalRight
from billhook.services import customers, portal_settings
from billhook.services.portal import profile
from billhook.services.portal_settings import PortalChange
from billhook.testing.portals import client_of, make_client


def test_a_program_decides_on_what_clients_want(office, program):
    ctx = office.ctx
    customer = customers.save(
        ctx, customers.CustomerInput(reference="P1", name="Portal One", country="GB")
    )
    portal_settings.change(ctx, PortalChange(approvals=("name", "address")))
    contact = make_client(ctx, customer.id, "pia@portal.example", rights=tuple(PortalRight))
    client = client_of(ctx, contact)
    with client.ctx.acting():
        known = profile.show(client)
        wanted = {**known.values, "name": "Portal Two", "city": "Leeds"}
        profile.save(client, wanted, version=known.version, mark=known.mark)

    api = program("customers.view", "customers.edit")
    [change] = api.get(f"/profile-changes?state=waiting&customer_id={customer.id}").json["data"]
    told = {one["name"]: (one["field"], one["known"], one["wanted"]) for one in change["values"]}
    assert told["name"] == ("name", "Portal One", "Portal Two")
    assert told["city"] == ("address", "", "Leeds")
    path = f"/profile-changes/{change['id']}"
    assert api.get(path).json == change

    stale = {"fields": ["name"], "customer_version": change["customer_version"] + 1}
    assert api.post(f"{path}/approve", stale, key="a").status_code == 409
    done = api.post(f"{path}/approve", {"fields": ["name"]}, key="b")
    assert (done.status_code, done.json["state"]) == (200, "approved")
    assert api.post(f"{path}/approve", {"fields": ["name"]}, key="b").json == done.json
    assert api.post(f"{path}/approve", {"fields": ["name"]}, key="c").status_code == 422
    refused = api.post(f"{path}/refuse", {"reason": "Where is the proof?"}, key="d")
    assert (refused.json["id"], refused.json["state"]) == (change["id"], "refused")
    assert api.post(f"{path}/refuse", {"reason": "Again"}, key="e").status_code == 409
    assert api.get(f"/customers/{customer.id}").json["name"] == "Portal Two"

    looking = program("customers.view")
    assert looking.get(path).status_code == 200
    assert looking.post(f"{path}/refuse", {"reason": "x"}, key="f").status_code == 403
