"""Browsers in which members have logged in, as tests of pages use them."""


def test_a_member_signs_in_by_their_role(signed_in):
    admin, clerk = signed_in(), signed_in("clerk")
    assert "admin-" in admin.get("/").text
    assert "clerk-" in clerk.get("/").text
    assert clerk.get("/jobs").status_code == 403
    assert clerk.send("/log-out", page="/").status_code == 303
    assert clerk.get("/").location == "/log-in"
    assert admin.get("/").status_code == 200


def test_a_member_of_the_office_signs_in_by_their_role(office):
    clerk = office.signed_in("clerk")
    assert clerk.get(f"/documents/{office.invoice}").status_code == 200
