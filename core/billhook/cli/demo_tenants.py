"""Who the demo's companies are: a software company in Germany, and an agency in Switzerland."""

from dataclasses import dataclass

from billhook.domain.brands import BankAccount
from billhook.services.company import TenantChange
from billhook.services.importing import ImportKind
from billhook.services.permissions import ADMIN
from billhook.services.tenants import NewTenant

PASSWORD = "billhook-demo"  # of sandboxes on the visitor's own machine

SEATS = (
    ("ada@billhook.example", "Ada Ledger", ADMIN, "nimbus"),
    ("ada@billhook.example", "Ada Ledger", ADMIN, "atelier"),
    ("cleo@billhook.example", "Cleo Clerk", "clerk", "nimbus"),
    ("otto@billhook.example", "Otto Auditor", "auditor", "atelier"),
)
"""E-mail address, name, role and tenant of each seat."""

CLIENTS = (
    ("bath", "ivy@bathbooks.example", "Ivy Marsh", "manage", "nimbus"),
    ("lyon", "camille@lumiere.example", "Camille Roux", "pay", "nimbus"),
    ("elbe", "jonas@elbe.example", "Jonas Petersen", "see", "nimbus"),
    ("museum", "regula@museum.example", "Regula Frei", "manage", "atelier"),
)
"""Customer, e-mail address, name, right and tenant of each client with an account at a portal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How a company looks to its clients."""

    theme: str
    logo: str
    colours: tuple[tuple[str, str], ...]
    website: str
    legal_text: str
    accounts: tuple[BankAccount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """What is billed after the month: drafts, of which one is issued and one stays open."""

    adjusted: str
    """Whose draft gets a discount and a file, and stays open."""
    reason: str
    percent: str
    attachment: str = ""
    issued: str = ""
    """Whose draft is issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Whose invoice gets a credit note over half of its first line, and why."""

    customer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTenant:
    """A tenant to open, with the files that fill it."""

    wanted: NewTenant
    settings: TenantChange
    face: Face
    imports: tuple[ImportKind, ...]
    returned: Returned
    later: Later
    rates: tuple[tuple[str, str], ...] = ()
    """Exchange rates of the first day of the month."""


TENANTS = (
    DemoTenant(
        wanted=NewTenant(
            slug="nimbus",
            name="Nimbus Cloud GmbH",
            country="DE",
            currency="EUR",
            vat_id="DE136695976",
            supplies="electronic_service",
            time_zone="Europe/Berlin",
            is_sandbox=True,
            pack=(
                *("pricing_standard", "pricing_tiered", "tax_rules"),
                *("render_pdf", "delivery_email", "einvoice_ubl"),
            ),
        ),
        settings=TenantChange(
            street="Prinzenallee 34",
            postal_code="13359",
            city="Berlin",
            email="billing@nimbus.example",
            contact_name="Ada Ledger",
            phone="+49 30 5550 0142",
            electronic_address="DE136695976",
            electronic_scheme="9930",
            payment_days=14,
            channels="delivery_email.smtp",
            formats="einvoice_ubl.en16931",
        ),
        face=Face(
            theme="default",
            logo="logo.png",
            colours=(("accent", "#1f5fd0"),),
            website="www.nimbus.example",
            legal_text="Nimbus Cloud GmbH · Amtsgericht Berlin-Charlottenburg, HRB 555 142 B · "
            "Managing director: Ada Ledger",
            accounts=(
                BankAccount(
                    holder="Nimbus Cloud GmbH",
                    iban="DE89370400440532013000",
                    bic="COBADEFFXXX",
                    bank="Commerzbank Köln",
                ),
            ),
        ),
        imports=("customers", "products", "charges"),
        returned=Returned(customer="lyon", reason="Interruption du service"),
        later=Later(
            adjusted="elbe",
            reason="Herbstangebot",
            percent="10",
            attachment="training-agenda.csv",
            issued="omega",
        ),
        rates=(("USD", "0.8615"), ("NOK", "0.0851"), ("JPY", "0.0056")),
    ),
    DemoTenant(
        wanted=NewTenant(
            slug="atelier",
            name="Atelier Aare GmbH",
            country="CH",
            currency="CHF",
            vat_id="CHE107787577MWST",
            time_zone="Europe/Zurich",
            language="de",
            is_sandbox=True,
            pack=("tax_rules", "render_pdf", "delivery_email"),
        ),
        settings=TenantChange(
            street="Aarbergergasse 20",
            postal_code="3011",
            city="Bern",
            email="rechnung@atelier.example",
            contact_name="Nora Aebi",
            phone="+41 31 555 01 42",
            cash_rounding=5,
            channels="delivery_email.smtp",
        ),
        face=Face(
            theme="atelier",
            logo="logo.jpg",
            colours=(("accent", "#b4432e"),),
            website="www.atelier.example",
            legal_text="Atelier Aare GmbH · Bern · CHE-107.787.577 MWST",
            accounts=(
                BankAccount(
                    holder="Atelier Aare GmbH",
                    iban="CH9300762011623852957",
                    bank="Basler Kantonalbank",
                    currency="CHF",
                ),
                BankAccount(
                    holder="Atelier Aare GmbH",
                    iban="DE89370400440532013000",
                    bic="COBADEFFXXX",
                    bank="Commerzbank Köln",
                    currency="EUR",
                ),
            ),
        ),
        imports=("customers", "charges"),
        returned=Returned(customer="bank", reason="Heures comptées deux fois"),
        later=Later(adjusted="museum", reason="Langjährige Kundin", percent="5"),
        rates=(("EUR", "0.9345"),),
    ),
)
