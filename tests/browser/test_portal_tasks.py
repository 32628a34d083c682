"""What clients do at the portal, without any script: everything works by links and forms."""

import re

import pytest
from playwright.sync_api import expect

from billhook.cli.demo_tenants import PASSWORD

from .clients import JONAS, MANON
from .reading import DESK, PHONE, ROOT, Reader

pytestmark = pytest.mark.slow


@pytest.fixture
def manon(reader):
    found = reader(MANON, java_script_enabled=False)
    found.page.set_viewport_size({"width": PHONE, "height": 844})
    return found


def test_a_client_reads_understands_and_downloads(manon, beginning):
    page = manon.page
    manon.sees("What you owe")
    manon.follow("Documents")
    manon.follow("Invoice INV-")
    page.locator(".why summary").first.click()
    manon.sees(page.locator(".why[open] li").first)
    assert manon.downloads(lambda: manon.follow("Download PDF")).startswith(b"%PDF")
    assert manon.downloads(lambda: manon.follow("E-invoice (XML")).startswith(b"<?xml")
    assert b"quantity" in manon.downloads(lambda: manon.follow("Lines as CSV")).lower()
    page.locator("#related ~ ul a").first.click()
    manon.sees(page.locator("#related ~ ul").get_by_text("Takes back"))
    manon.follow("Statement")
    assert manon.downloads(lambda: manon.follow("Download as PDF")).startswith(b"%PDF")
    manon.follow("Documents")
    sheet = manon.downloads(lambda: manon.follow("Download this list as CSV"))
    assert b"INV-" in sheet
    manon.follow("Download a whole period")
    page.locator("main form button").last.click()
    make, download = (
        page.get_by_role("button", name="Make the PDFs"),
        page.get_by_role("link", name="Download ZIP"),
    )
    expect(make.or_(download)).to_be_visible()
    if make.is_visible():
        make.click()
        expect(download).to_be_visible()
    assert manon.downloads(lambda: manon.follow("Download ZIP")).startswith(b"PK")
    manon.look_at(PHONE, DESK)
    assert not manon.complaints


def test_a_client_asks_disputes_and_answers_back(manon, beginning, tmp_path):
    page = manon.page
    proof = tmp_path / "what we ordered.csv"
    proof.write_text("day,hours\n1,3\n")
    page.goto(f"{ROOT}/documents/{beginning.told.invoice}")
    manon.follow("Ask about this line")
    manon.fill(text="Who ordered this?\nNobody here knows.")
    page.locator('[name="files"]').set_input_files(proof)
    manon.press("Send the question")
    manon.sees("Nobody here knows.")
    manon.sees("what we ordered.csv")
    assert manon.downloads(lambda: manon.follow("what we ordered.csv")) == proof.read_bytes()
    manon.fill(text="We found out.")
    manon.press("Send")
    manon.press("It is settled")
    manon.sees("Not settled after all?")
    manon.look_at(PHONE, DESK)

    page.goto(f"{ROOT}/documents/{beginning.told.note}")
    manon.follow("Something is wrong with it")
    manon.press("Send the dispute")
    manon.sees("Say what is wrong.")
    manon.look_at(PHONE, DESK)
    page.locator('[name="reason"]').select_option(label="The amount is wrong")
    page.locator('[name="line"]').select_option(index=1)
    manon.fill(text="It was two days.")
    manon.press("Send the dispute")
    manon.sees("Dispute of")
    assert not manon.complaints


def test_a_client_manages_the_account_and_leaves(manon):
    page = manon.page
    manon.follow("Profile")
    manon.press("Take it back")
    manon.follow("Change details")
    manon.fill(street="14 rue Mercière", phone="+33 4 55 50 14 20")
    page.locator("main form button.primary").click()
    manon.sees("Waits for us to look at it")
    manon.sees("+33 4 55 50 14 20")
    manon.follow("People of your company")
    manon.follow("Let somebody in")
    manon.fill(name="Zoé Roux", email="zoe@lumiere.example")
    page.locator("main form button.primary").click()
    manon.follow("To the people of your company")
    manon.sees("Zoé Roux")
    manon.follow("Deutsch", page.locator(".languages"))
    expect(page.locator("html")).to_have_attribute("lang", re.compile("^de"))
    page.locator("form[action$='/log-out'] button").click()
    page.wait_for_url(re.compile("/log-in"))
    page.goto(f"{ROOT}/documents/")
    assert "/log-in?next=" in page.url
    manon.fill(email=MANON, password="not the password")
    page.locator("main button").click()
    manon.sees(page.locator("[role=alert]"))
    manon.look_at(PHONE, DESK)
    manon.fill(email=MANON, password=PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(re.compile(r"/documents/$"))
    assert not manon.complaints


def test_whoever_has_a_link_reads_downloads_and_asks(reader, beginning):
    stranger = reader(java_script_enabled=False)
    stranger.page.goto(f"{ROOT}/d/{beginning.told.guest}")
    stranger.sees("Télécharger le PDF")
    stranger.follow("English")
    assert stranger.downloads(lambda: stranger.follow("Download PDF")).startswith(b"%PDF")
    assert stranger.downloads(lambda: stranger.follow("E-invoice (XML")).startswith(b"<?xml")
    stranger.follow("Ask a question")
    stranger.fill(text="To whom shall we send the order number?")
    stranger.press("Send the question")
    stranger.sees("To whom shall we send the order number?")
    assert f"/d/{beginning.told.guest}/questions/" in stranger.page.url


def test_who_is_invited_chooses_a_password_and_is_in(reader, beginning):
    paul = reader(java_script_enabled=False)
    paul.page.goto(f"{ROOT}/invitation/{beginning.told.invitation}")
    paul.fill(password="short")
    paul.page.locator("main button").click()
    paul.sees(paul.page.locator(".error"))
    paul.look_at(PHONE, DESK)
    for field in paul.page.locator("main input[type=password]").all():
        field.fill("a long password of Paul's")
    paul.page.locator("main button").click()
    paul.sees("What you owe")
    assert not paul.complaints


def test_what_is_not_there_or_not_allowed_is_told_on_a_page_of_the_portal(reader, beginning):
    jonas = reader(JONAS)
    jonas.expects(403, 404)
    jonas.read("/people/new", PHONE, DESK, status=403, with_axe=True)
    jonas.read(f"/documents/{beginning.told.invoice}", PHONE, DESK, status=404, with_axe=True)
    jonas.read("/no/such/page", PHONE, status=404)
    assert not jonas.complaints


@pytest.mark.parametrize("width", [DESK])
def test_a_member_who_looks_is_told_so_and_finds_nothing_to_write_on(walker, beginning):
    admin = walker("admin", wide=DESK)
    admin.open(f"/settings/portal/look/{beginning.told.customer}")
    admin.press("See the portal", admin.page.locator("main"))
    admin.page.wait_for_url(re.compile(r"/portal/nimbus/$"))
    looking = Reader(admin.page)
    for path in ("/", "/documents/", f"/documents/{beginning.told.invoice}", "/questions"):
        looking.read(path, DESK, PHONE, with_axe=path == "/")
        looking.sees(looking.page.locator(".mark").get_by_text("You see the portal as"))
        looking.lacks(looking.page.locator("main form[method=post]"))
    looking.press("Leave")
    looking.page.wait_for_url(re.compile(f"/customers/{beginning.told.customer}$"))
    assert not looking.complaints
