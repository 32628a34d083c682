"""Plugins by the API."""


def test_plugins_are_listed_with_how_they_do(program):
    at = program("plugins.view")
    listed = at.get("/plugins", state="enabled").json["data"]
    one = at.get("/plugins/tax_rules").json
    assert one in listed
    assert (one["state"], one["health"], one["sends_data_to"]) == ("enabled", [], "")
    assert one["families"] == ["tax engine"]
    assert at.get("/plugins/tax_rules/condition").json["dead_jobs"] == 0
    assert at.get("/plugins/none").status_code == 404
    assert at.post("/plugins/tax_rules/disable").status_code == 403


def test_a_plugin_is_switched_off_with_its_consequences_and_on_again(program):
    at = program()
    told = at.get("/plugins/tax_rules/consequences").json["consequences"]
    assert "plugin.tax_engine_disabled" in [one["code"] for one in told]
    off = at.post("/plugins/tax_rules/disable", key="off")
    assert off.json["plugin"]["state"] == "available"
    assert [one["code"] for one in off.json["warnings"]] == [one["code"] for one in told]
    assert at.post("/plugins/tax_rules/disable", key="off").json == off.json
    assert at.post("/plugins/tax_rules/disable").json["warnings"] == []
    assert at.post("/plugins/tax_rules/enable").json["plugin"]["state"] == "enabled"
    acts = at.get("/audit", object_kind="plugin").json["data"]
    assert [one["action"] for one in acts[:2]] == ["plugin.enabled", "plugin.disabled"]
    assert at.post("/plugins/none/enable").status_code == 404


def test_settings_are_changed_in_the_version_that_was_read(program):
    at = program()
    where = "/plugins/tax_rules/settings"
    read = at.get(where)
    assert "exemption_reason" in [one["name"] for one in read.json["settings"]]
    etag = {"If-Match": read.headers["ETag"]}
    changed = at.patch(where, {"values": {"exemption_reason": "§ 19"}}, headers=etag)
    assert setting(changed, "exemption_reason")["value"] == "§ 19"
    assert at.patch(where, {"values": {}}, headers=etag).status_code == 412
    back = at.patch(where, {"values": {"exemption_reason": None}})
    assert not setting(back, "exemption_reason")["is_set"]
    wrong = at.patch(where, {"values": {"nothing": "x"}})
    assert (wrong.status_code, wrong.json["problems"][0]["field"]) == (422, "nothing")
    assert at.get("/plugins/none/settings").status_code == 404
    assert program("plugins.view").get(where).status_code == 403


def test_a_plugin_without_a_connection_has_none_to_try(program):
    refused = program().post("/plugins/tax_rules/check", key="try")
    assert (refused.status_code, refused.json["code"]) == (409, "resource.conflict")


def setting(response, name: str) -> dict[str, object]:
    """Return a setting of an answer."""
    assert response.status_code == 200, response.text
    return next(one for one in response.json["settings"] if one["name"] == name)
