"""No change of data makes the books wrong: every attack is refused, by the guard that is named.

On PostgreSQL each is tried as the runtime role and as the owner of the tables, on
SQLite as whoever opens the file with the connection's settings.
"""

from collections.abc import Callable

import pytest
from sqlalchemy.exc import DBAPIError
from tests.kernel.attacks.attack import IS_POSTGRESQL, ROLES, TWO_RATES
from tests.kernel.attacks.documents import DOCUMENTS
from tests.kernel.attacks.going_out import GOING_OUT
from tests.kernel.attacks.ledger import LEDGER
from tests.kernel.attacks.postgresql import POSTGRESQL
from tests.kernel.attacks.tenants import CHARGES, TENANTS
from tests.kernel.attacks.verbs import ONE_WAY, verbs
from tests.kernel.forging import Forger, connected, guard_of
from tests.kernel.world import make_world, with_discount

from billhook.testing.factories import ISSUE_ON

ATTACKS = [*verbs(), *ONE_WAY, *LEDGER, *DOCUMENTS, *CHARGES, *TENANTS, *GOING_OUT]
if IS_POSTGRESQL:
    ATTACKS += POSTGRESQL


@pytest.fixture(scope="module")
def place(databases, worker_name):
    with databases.migrated(f"{worker_name}_attacks") as urls:
        yield urls, make_world(urls.runtime)


@pytest.fixture(params=ROLES)
def role(request):
    return request.param


@pytest.fixture
def forger(place, role):
    urls, world = place
    url = urls.owner if role == "owner" else urls.runtime
    with connected(url, world.ours.tenant_id) as connection:
        yield Forger(connection, world.ours)


@pytest.fixture
def world(place):
    return place[1]


def refused_by(forger: Forger, act: Callable[[], object]) -> str:
    """Try to commit it; name what refused, or return an empty text where nothing did."""
    try:
        act()
        if IS_POSTGRESQL:
            forger.run("SET CONSTRAINTS ALL IMMEDIATE")  # as the commit would check them
        else:
            forger.connection.commit()
    except DBAPIError as error:
        return guard_of(error)
    return ""


@pytest.mark.parametrize(
    ("role", "attack"),
    [(role, attack) for role in ROLES for attack in ATTACKS if attack.guard_for(role)],
    indirect=["role"],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_an_attack_is_refused(attack, forger, world, role):
    found = refused_by(forger, lambda: attack.act(forger, world))
    assert found in attack.guard_for(role).split("|")


def test_the_same_rows_unharmed_are_taken(forger, world, role):
    def post_and_undo():
        forger.post(forger.books.invoice())
        forger.post(with_discount(forger.books.invoice((900,), issue_on=ISSUE_ON), 50))
        forger.post(forger.books.invoice(treatment=TWO_RATES))
        forger.run("UPDATE line_balance SET credited = 500 WHERE tenant_id = :tenant")
        forger.post(forger.books.credit_note(world.invoice, (100,)))
        if IS_POSTGRESQL:
            forger.run("SET CONSTRAINTS ALL IMMEDIATE")
        else:
            assert not forger.run("PRAGMA foreign_key_check").all()
        forger.connection.rollback()

    assert refused_by(forger, post_and_undo) == ""


def test_a_party_can_be_erased(forger):
    def erase():
        forger.run(
            "UPDATE party_snapshot SET content = NULL, salt = NULL WHERE tenant_id = :tenant"
        )
        forger.connection.rollback()

    assert refused_by(forger, erase) == ""


@pytest.mark.postgresql
@pytest.mark.parametrize("table", ["document", "customer", "posting", "outbox"])
def test_the_rows_of_another_tenant_are_not_there(table, forger, world):
    theirs = world.theirs.tenant_id
    found = forger.run(f"SELECT count(*) FROM {table} WHERE tenant_id = :theirs", theirs=theirs)
    assert found.scalar_one() == 0


@pytest.mark.postgresql
def test_without_a_tenant_there_are_no_rows_but_an_error(forger):
    forger.run("RESET app.tenant")
    refusal = refused_by(forger, lambda: forger.run("SELECT * FROM document"))
    assert "invalid input syntax for type uuid" in refusal
