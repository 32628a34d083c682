"""Contacts' access to the portal by the API."""

from uuid import uuid4


def test_a_contact_is_let_in_given_rights_and_kept_out(program):
    at = program()
    ann = at.get("/customers", sort="reference").json["data"][0]["id"]
    zoe = at.post(
        f"/customers/{ann}/contacts", {"name": "Zoe", "email": "zoe@client.example"}
    ).json
    assert zoe["portal_rights"] == []
    access = f"/contacts/{zoe['id']}/portal-access"
    assert at.get(access).json["state"] == "none"
    early = at.put(f"{access}/rights", {"rights": ["pay"]})
    assert early.status_code == 409
    made = at.post(f"{access}/invite", {"rights": ["pay"]}, key="i")
    assert made.status_code == 200, made.text
    assert made.json["access"]["state"] == "invited"
    assert made.json["access"]["rights"] == ["see", "pay"]
    assert bool(made.json["link"]) is not made.json["is_mailed"]
    again = at.post(f"{access}/invite", {"rights": ["pay"]}, key="i").json
    assert again["expires_at"] == made.json["expires_at"]
    assert at.post(f"{access}/invite", {"rights": ["see"]}, key="i").status_code == 422
    assert at.post(f"{access}/invite", {"rights": ["fly"]}).status_code == 400
    changed = at.put(f"{access}/rights", {"rights": ["manage"]}).json
    assert changed["rights"] == ["see", "manage"]
    assert at.get(f"/contacts/{zoe['id']}").json["portal_rights"] == ["see", "manage"]
    assert at.post(f"{access}/remove-factor").status_code == 409
    assert at.post(f"{access}/end").status_code == 204
    assert at.get(access).json["rights"] == []
    assert at.get(f"/contacts/{uuid4()}/portal-access").status_code == 404
    narrow = program("customers.view")
    assert narrow.get(access).status_code == 200
    assert narrow.post(f"{access}/invite", {"rights": ["see"]}).status_code == 403
    assert narrow.post(f"{access}/end").status_code == 403
