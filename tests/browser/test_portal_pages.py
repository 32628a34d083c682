"""Every page of the client portal, in each language, on a phone and at a desk, in both themes."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from billhook.portal.access import Audience, declared
from billhook.services import brands
from billhook.services.brand_changes import BrandInput
from billhook.services.contexts import operator_context
from billhook.testing import applications

from .clients import CAMILLE, MANON, Known
from .reading import DESK, PHONE, TINY

pytestmark = pytest.mark.slow

PAGES = {
    "entering.log_in": ("/log-in",),
    "inviting.invitation": ("/invitation/{invitation}",),
    "resetting.ask": ("/reset",),
    "resetting.reset": ("/reset/{reset}",),
    "proving.second_factor": ("/second-factor",),
    "proving.confirm": ("/confirm",),
    "home.show": ("/",),
    "documents.listing": (
        "/documents/",
        "/documents/?state=disputed&type=invoice&since=2020-01-01",
        "/documents/?number=nothing-like-it",
    ),
    "documents.show": ("/documents/{invoice}", "/documents/{note}"),
    "statement.show": ("/statement",),
    "archives.choose": ("/archives/", "/archives/?period={year}&pdf=y"),
    "questions.listing": ("/questions",),
    "questions.new": ("/documents/{invoice}/question", "/documents/{invoice}/dispute?line=1"),
    "questions.thread": ("/questions/{question}", "/questions/{dispute}"),
    "profile.show": ("/profile",),
    "profile.edit": ("/profile/edit",),
    "profile.delivery": ("/profile/delivery",),
    "profile.own": ("/profile/me",),
    "people.listing": ("/people",),
    "people.new": ("/people/new",),
    "people.person": ("/people/{colleague}",),
    "people.ask_to_end": ("/people/{colleague}/end",),
    "notices.listing": ("/notices",),
    "security.show": ("/security",),
    "security.password": ("/security/password",),
    "security.app": ("/security/app",),
    "security.ask_to_remove_app": ("/security/app/remove",),
    "slots.show": ("/x/pricing_tiered/prices",),
    "guests.show": ("/d/{guest}",),
    "guest_questions.listing": ("/d/{guest}/questions",),
    "guest_questions.new": ("/d/{guest}/question", "/d/{guest}/dispute"),
    "guest_questions.thread": ("/d/{guest}/questions/{asked_at_link}",),
}
"""The paths at which each page is looked at."""

NO_PAGES = {
    "faces.style": "a style, a picture or a font",
    "faces.logo": "a style, a picture or a font",
    "faces.icon": "a style, a picture or a font",
    "faces.font": "a style, a picture or a font",
    "faces.theme_file": "a style, a picture or a font",
    "documents.sheet": "a file",
    "documents.pdf": "a file",
    "documents.xml": "a file",
    "documents.lines": "a file",
    "documents.attachment": "a file",
    "documents.code": "a picture",
    "statement.pdf": "a file",
    "archives.download": "a file",
    "questions.file": "a file",
    "guests.pdf": "a file",
    "guests.xml": "a file",
    "guests.lines": "a file",
    "guests.attachment": "a file",
    "guests.code": "a picture",
    "guest_questions.file": "a file",
    "notices.follow": "leads on to what a message tells of",
    "looking.begin": "leads on to the overview",
}
PLANS = {
    "en": ("default", (DESK, PHONE)),
    "de": ("default", (TINY, PHONE, DESK)),
    "fr": ("atelier", (PHONE, DESK)),
    "es": ("atelier", (DESK, PHONE)),
}
"""By language: the theme, and how wide pages are looked at."""
WITH_AXE = ("en", "fr")
"""In these axe looks, too, at the last width: each theme once, a phone and a desk."""


def test_no_page_of_the_portal_is_forgotten(make_app):
    rules = [
        rule for rule in make_app().url_map.iter_rules() if rule.endpoint.startswith("portal.")
    ]
    shown = {rule.endpoint.removeprefix("portal.") for rule in rules if "GET" in rule.methods}
    assert shown - PAGES.keys() - NO_PAGES.keys() == set()
    assert (PAGES.keys() | NO_PAGES.keys()) - shown == set()


@pytest.fixture
def audience(make_app) -> Callable[[str], Audience]:
    app = make_app()
    return lambda endpoint: declared(app, f"portal.{endpoint}").audience


@pytest.mark.parametrize("language", PLANS)
def test_every_page_is_fit_for_people(language, beginning, reader, audience, config):
    known: Known = beginning.told
    theme, widths = PLANS[language]
    _wear(config, theme)
    manon, camille, stranger = (
        reader(MANON, language),
        reader(CAMILLE, language),
        reader("", language),
    )
    manon.page.goto("/portal/nimbus/security")
    manon.page.locator("form[action$='/security/app'] button").click()
    who = {Audience.ANYBODY: stranger, Audience.GUEST: stranger, Audience.CLIENT: manon}
    who[Audience.HALF] = camille
    values = {"year": datetime.now(UTC).year} | {
        name: getattr(known, name) for name in Known.__dataclass_fields__
    }
    for endpoint, paths in PAGES.items():
        if endpoint == "security.ask_to_remove_app":
            camille.fill(code=known.recovery_codes[0])
            camille.page.locator("main button").first.click()
            who[Audience.CLIENT] = camille
        for path in paths:
            somebody = who[audience(endpoint)]
            somebody.read(path.format(**values), *widths, with_axe=language in WITH_AXE)
        who[Audience.CLIENT] = manon
    complaints = [*manon.complaints, *camille.complaints, *stranger.complaints]
    assert not complaints, "\n".join(complaints)


def _wear(config, theme: str) -> None:
    """Give the company another theme."""
    if theme == "default":
        return
    with applications.running(config):
        ctx = operator_context("nimbus")
        with ctx.acting():
            brands.save(ctx, BrandInput(theme=theme))
