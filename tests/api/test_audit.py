"""The audit log and the work that Billhook does by itself, by the API."""

from billhook.ids import new_id
from billhook.models.work import Outbox


def test_acts_are_found_and_name_the_key_that_acted(program):
    at = program()
    key = at.get("/api-key").json
    at.post("/customers", {"reference": "C-9", "name": "Umbrella", "country": "DE"})
    (act,) = at.get("/audit", actor_id=key["id"]).json["data"]
    assert (act["actor_kind"], act["actor"], act["object"]) == ("api_key", key["name"], "C-9")
    assert act["object_kind"] == "customer"
    assert at.get(f"/audit/{act['id']}").json == act
    assert at.get(f"/audit/{act['id']}/link").json == {"sequence": None, "hash": None}
    assert at.get("/audit", text="C-9").json["data"] == [act]
    first = at.get("/audit", limit="2").json
    second = at.get("/audit", limit="2", after=first["next"]).json
    ids = [one["id"] for one in first["data"] + second["data"]]
    assert ids == sorted(set(ids), reverse=True)
    assert at.get("/audit", until="2020-01-01").json["data"] == []
    assert at.get("/audit", since="0001-01-01", until="9999-12-31").status_code == 200
    assert at.get(f"/audit/{new_id()}").status_code == 404
    assert program("customers.view").get("/audit").status_code == 403


def test_dead_work_is_tried_again(program, office):
    at = program()
    one, other = dead_job(office.ctx, "one.job"), dead_job(office.ctx, "other.job")
    listed = at.get("/jobs", state="dead").json["data"]
    assert [job["id"] for job in listed] == [str(other), str(one)]
    assert at.get(f"/jobs/{one}").json == listed[1]
    again = at.post(f"/jobs/{one}/retry", key="again")
    assert (again.status_code, again.json["state"]) == (200, "waiting")
    assert at.post(f"/jobs/{one}/retry", key="again").json == again.json
    assert at.post("/jobs/retry", {"ids": [str(one)]}).json == {"tried": 1, "refused": []}
    assert at.post("/jobs/retry-dead", {"name": "none.job"}).json["tried"] == 0
    assert at.post("/jobs/retry-dead", {}).json["tried"] == 1
    assert at.get("/jobs", state="dead").json["data"] == []
    assert at.post(f"/jobs/{new_id()}/retry").status_code == 404
    assert program("outbox.view").post("/jobs/retry-dead", {}).status_code == 403
    assert at.get("/schedules").status_code == 200


def dead_job(ctx, name: str):
    """Give the office a job that was given up, and return its id."""
    with ctx.transaction() as session:
        row = Outbox(
            tenant_id=ctx.tenant.id,
            id=new_id(),
            batch_id=new_id(),
            kind="job",
            name=name,
            plugin="",
            payload={},
            state="dead",
            attempts=8,
            last_error="It broke.",
            created_at=ctx.now(),
        )
        session.add(row)
        session.flush()
        return row.id
