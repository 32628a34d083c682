"""Made-up documents that show what a theme has to cope with: `billhook theme preview`.

They are values, computed by the calculator that real documents go through, and
belong to no tenant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

from billhook.domain.brands import BankAccount, Brand, Column, Sender, Template, TemplateTexts
from billhook.domain.documents import (
    Attachment,
    BaseCurrency,
    Document,
    DocumentAdjustment,
    DocumentLine,
    PartySnapshot,
)
from billhook.domain.parties import Address, Party
from billhook.domain.periods import Period
from billhook.domain.publications import Publication, Reference, Stage
from billhook.domain.states import DocumentType
from billhook.domain.tax import ComponentKind, TaxComponent, TaxTreatment
from billhook.domain.totals import (
    Adjustment,
    AdjustmentKind,
    TaxedAmount,
    document_totals,
    line_amount,
)

ISSUE_ON = date(2026, 11, 2)
_NOBODY = UUID(int=0)
_PERIOD = Period.through(date(2026, 10, 1), date(2026, 10, 31))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line before it is taxed."""

    text: str
    quantity: str = "1"
    price: str = "1"
    unit: str = "C62"
    sku: str = ""
    section: str = ""
    base_quantity: str = "1"
    period: Period | None = None
    adjustments: tuple[Adjustment, ...] = ()
    explanation: str = ""
    tax: int = 0
    """Which of the sample's treatments."""


def component(
    tax: str, country: str, rate: str, kind: ComponentKind = ComponentKind.PLAIN
) -> TaxComponent:
    return TaxComponent(tax=tax, country=country, rate=Decimal(rate), kind=kind)


def vat(country: str, rate: str) -> TaxTreatment:
    return TaxTreatment(components=(component("VAT", country, rate),), category="S")


def sample_document(
    items: Sequence[Item],
    treatments: Sequence[TaxTreatment],
    *,
    seller: Party,
    buyer: Party,
    currency: str,
    language: str,
    discount: Adjustment | None = None,
    prepaid: int = 0,
    base: BaseCurrency | None = None,
) -> Document:
    """Compute a document's figures from its items."""
    nets = [_net(item, currency) for item in items]
    amounts = [
        TaxedAmount(amount=net, treatment=treatments[item.tax])
        for net, item in zip(nets, items, strict=True)
    ]
    off = line_amount(Decimal(1), Decimal(0), currency)
    if discount is not None:
        off = -(discount.amount or 0)
        amounts.append(TaxedAmount(amount=off, treatment=treatments[0]))
    totals = document_totals(amounts, prepaid=prepaid)
    places = {group.treatment: place for place, group in enumerate(totals.groups)}
    return Document(
        id=_NOBODY,
        type=DocumentType.INVOICE,
        customer_id=_NOBODY,
        payer_id=_NOBODY,
        seller=PartySnapshot(id=_NOBODY, party=seller, salt=bytes(16)),
        buyer=PartySnapshot(id=_NOBODY, party=buyer, salt=bytes(16)),
        currency=currency,
        issue_on=ISSUE_ON,
        due_on=ISSUE_ON + timedelta(days=14),
        language=language,
        lines=tuple(
            _line(number, item, net, places[treatments[item.tax]])
            for number, (item, net) in enumerate(zip(items, nets, strict=True), 1)
        ),
        groups=totals.groups,
        net=totals.net,
        tax=totals.tax,
        gross=totals.gross,
        rounding=totals.rounding,
        prepaid=totals.prepaid,
        payable=totals.payable,
        base=base
        or BaseCurrency(currency=currency, rate=Decimal(1), rate_on=ISSUE_ON, source="own"),
        adjustments=(
            (DocumentAdjustment(adjustment=discount, net=off, group_no=0),) if discount else ()
        ),
    )


def _net(item: Item, currency: str) -> int:
    return line_amount(
        Decimal(item.quantity),
        Decimal(item.price),
        currency,
        base_quantity=Decimal(item.base_quantity),
        adjustments=item.adjustments,
    )


def _line(number: int, item: Item, net: int, group_no: int) -> DocumentLine:
    return DocumentLine(
        line_no=number,
        description=item.text,
        quantity=Decimal(item.quantity),
        unit_price=Decimal(item.price),
        net=net,
        group_no=group_no,
        supplied_on=ISSUE_ON - timedelta(days=2),
        base_quantity=Decimal(item.base_quantity),
        adjustments=item.adjustments,
        sku=item.sku,
        unit=item.unit,
        period=item.period,
        section_key=item.section,
        section_label=item.section,
        explanation=item.explanation,
    )


def published(
    document: Document, *, number: str, theme: str, brand: Brand | None = None
) -> Publication:
    """Give a sample its number and brand."""
    return Publication(
        document=document,
        number=number,
        stage=Stage.ISSUED,
        brand=brand or _brand(theme, document.seller.party),
        template=Template(document_type=document.type),
    )


def _brand(theme: str, seller: Party) -> Brand:
    return Brand(
        id=_NOBODY,
        code="sample",
        name=seller.name,
        theme=theme,
        renderer="render_pdf.xhtml2pdf",
        sender=Sender(name=seller.name, email=seller.email),
        website=f"www.{seller.email.partition('@')[2]}",
    )


_LINDEN = Party(
    name="Lindenhof Studio GmbH",
    address=Address(country="DE", street="Torstraße 140", postal_code="10119", city="Berlin"),
    tax_number="DE136695976",
    legal_id="HRB 182340 B",
    contact_name="Anna Łukasik",
    phone="+49 30 5557 1200",
    email="hallo@lindenhof.example",
    language="de",
)
_LINDEN_BRAND = Brand(
    id=_NOBODY,
    code="linden",
    name="Lindenhof Studio",
    theme="",
    renderer="render_pdf.xhtml2pdf",
    sender=Sender(name="Lindenhof Studio", email="hallo@lindenhof.example"),
    website="www.lindenhof.example",
    legal_text="Lindenhof Studio GmbH · Geschäftsführung: Anna Łukasik, Jonas Weber\n"
    "Amtsgericht Charlottenburg HRB 182340 B · Sitz der Gesellschaft: Berlin",
    bank_accounts=(
        BankAccount(
            holder="Lindenhof Studio GmbH",
            iban="DE89370400440532013000",
            bic="COBADEFFXXX",
            bank="Commerzbank",
            currency="EUR",
        ),
    ),
)
_ELBE = Party(
    name="Elbe Logistik AG",
    address=Address(
        country="DE",
        street="Am Sandtorkai 37",
        extra="Einkauf, 4. Stock",
        postal_code="20457",
        city="Hamburg",
    ),
    reference="K-10482",
    tax_number="DE811569869",
    contact_name="Frau Dr. Marie-Louise Petersen",
)
_ATELIER = Party(
    name="Atelier Vasseur & Fils SARL",
    address=Address(
        country="FR", street="12, rue du Faubourg Saint-Antoine", postal_code="75012", city="Paris"
    ),
    reference="C-0099",
    tax_number="FR40303265045",
)
_BRIGHT = Party(
    name="Bright & Harrow Ltd",
    address=Address(country="GB", street="4 Cowper Street", postal_code="EC2A 4AW", city="London"),
    tax_number="GB980780684",
    phone="+44 20 7946 0321",
    email="accounts@brightharrow.example",
)
_OAKS = Party(
    name="Twelve Oaks Joinery",
    address=Address(
        country="GB", street="Unit 7, Riverside Works", postal_code="BS1 6XN", city="Bristol"
    ),
    reference="OAKS",
)
_PRAIRIE = Party(
    name="Prairie Software Inc.",
    address=Address(
        country="US",
        street="500 W Madison St, Suite 2100",
        city="Chicago",
        subdivision="IL",
        postal_code="60661",
    ),
    tax_number="36-4455667",
    email="billing@prairie.example",
    phone="+1 312 555 0142",
)
_CASCADE = Party(
    name="Cascade Outfitters LLC",
    address=Address(
        country="US",
        street="1420 5th Avenue",
        city="Seattle",
        subdivision="WA",
        postal_code="98101",
    ),
    reference="CASC-17",
)
_BOREAL = Party(
    name="Boréal Données inc.",
    address=Address(
        country="CA",
        street="1000, rue Sherbrooke Ouest",
        city="Montréal",
        subdivision="QC",
        postal_code="H3A 3G4",
    ),
    tax_number="123456782RT0001",
    email="factures@boreal.example",
    language="fr",
)
_LAVAL = Party(
    name="Imprimerie Laval",
    address=Address(
        country="CA",
        street="75, boulevard Curé-Labelle",
        city="Laval",
        subdivision="QC",
        postal_code="H7L 2Z7",
    ),
    reference="LAV",
)
_JAFFA = Party(
    name="סטודיו יפו בע״מ",
    address=Address(country="IL", street="רחוב יפת 24", postal_code="6802202", city="תל אביב"),
    tax_number="514236784",
    email="office@jaffa.example",
    phone="+972 3 555 0199",
    language="he",
)
_HAIFA = Party(
    name="מכון חיפה לעיצוב",
    address=Address(country="IL", street="שדרות בן גוריון 8", postal_code="3502508", city="חיפה"),
    reference="H-12",
)
_DUBAI = Party(
    name="شركة النخيل للتقنية",
    address=Address(country="AE", street="شارع الشيخ زايد 101", city="دبي"),
    tax_number="100234567800003",
    email="billing@palm.example",
    language="ar",
)
_ABU = Party(
    name="مؤسسة الواحة للتجارة",
    address=Address(country="AE", street="شارع الكورنيش 12", city="أبوظبي"),
    reference="W-7",
)
_SAKURA = Party(
    name="株式会社さくらデザイン",
    address=Address(
        country="JP", street="神宮前3-25-18", postal_code="150-0001", city="東京都渋谷区"
    ),
    tax_number="T1234567890123",
    email="seikyu@sakura.example",
    phone="+81 3 5555 0110",
    language="ja",
)
_YAMADA = Party(
    name="山田太郎商店",
    address=Address(
        country="JP", street="一番町2-1", postal_code="980-0811", city="宮城県仙台市青葉区"
    ),
    reference="Y-3",
)

_RESIDENT = Adjustment(
    kind=AdjustmentKind.ALLOWANCE, reason="Langjährige Zusammenarbeit", percent=Decimal(10)
)
_EXPRESS = Adjustment(kind=AdjustmentKind.SURCHARGE, reason="Express delivery", amount=2500)
_LOYALTY = Adjustment(kind=AdjustmentKind.ALLOWANCE, reason="Loyalty", amount=15000)


def _one_line(theme: str) -> Publication:
    item = Item(
        text="Gestaltung Geschäftsbericht 2026, Abschlussrechnung",
        price="4800",
        period=_PERIOD,
        unit="LS",
    )
    document = sample_document(
        [item], [vat("DE", "19")], seller=_LINDEN, buyer=_ELBE, currency="EUR", language="de"
    )
    document = replace(document, purchase_order="4500017739", buyer_reference="04011000-12345-34")
    return published(
        document, number="RE-2026-00042", theme=theme, brand=replace(_LINDEN_BRAND, theme=theme)
    )


_WORKS = (
    ("Joinery survey and measured drawings", "6.5", "85", "HUR", "A-SURV"),
    (
        "Solid oak stair treads, oiled, 1,000 × 280 × 40 mm, quarter sawn",
        "14",
        "128.4",
        "H87",
        "T28",
    ),
    (
        "Newel posts turned to pattern, including matching base blocks and caps",
        "4",
        "215",
        "H87",
        "N4",
    ),
    ("Fixings and consumables", "1", "89.99", "LS", "FIX"),
    ("Fitting on site, two joiners", "31.25", "62", "HUR", "B-FIT"),
    ("Delivery within the M4 corridor", "188", "0.85", "KMT", "KM"),
)


def _many_lines(theme: str) -> Publication:
    items = [
        Item(
            text=text,
            quantity=quantity,
            price=price,
            unit=unit,
            sku=sku,
            section=section,
            adjustments=(_EXPRESS,) if number == 6 else (),
            tax=1 if number == 3 else 0,
        )
        for section in (
            "Staircase, ground floor",
            "Library",
            "Windows, north elevation",
            "Garden room",
            "Making good and snagging",
        )
        for number, (text, quantity, price, unit, sku) in enumerate(_WORKS, 1)
    ]
    document = sample_document(
        items,
        [vat("GB", "20"), vat("GB", "5")],
        seller=_BRIGHT,
        buyer=_OAKS,
        currency="GBP",
        language="en",
        discount=_LOYALTY,
        prepaid=250000,
    )
    document = replace(
        document,
        note="Retention of 5 % is released after the defects liability period.",
        attachments=tuple(
            Attachment(file_id=_NOBODY, name=name, content_type="application/pdf", sha256="")
            for name in ("Time sheets October.pdf", "Delivery notes 1183–1190.pdf")
        ),
    )
    brand = replace(
        _brand(theme, _BRIGHT),
        bank_accounts=(
            BankAccount(
                holder="Bright & Harrow Ltd", number="31926819", bank="Barclays, 20-00-00"
            ),
        ),
        legal_text="Bright & Harrow Ltd · Registered in England and Wales 09876543 · "
        "Registered office: 4 Cowper Street, London EC2A 4AW",
    )
    found = published(document, number="BH-2026-1187", theme=theme, brand=brand)
    texts = TemplateTexts(
        intro="Thank you for the good work together. We invoice the following for October.",
        terms="Goods remain our property until they are paid in full.",
        closing="With kind regards from Cowper Street",
    )
    template = replace(
        found.template,
        columns=(
            *(Column.POSITION, Column.SKU, Column.DESCRIPTION, Column.QUANTITY, Column.UNIT),
            *(Column.UNIT_PRICE, Column.DISCOUNT, Column.TAX, Column.NET),
        ),
        texts=(("en", texts),),
    )
    return replace(found, template=template)


def _thousand_lines(theme: str) -> Publication:
    items = [
        Item(
            text=f"API calls, project {number:04}",
            quantity=f"{number * 137 % 9000 + 1}",
            price="0.0042",
            unit="C62",
            period=_PERIOD if number % 10 == 0 else None,
        )
        for number in range(1, 1_001)
    ]
    document = sample_document(
        items, [vat("DE", "19")], seller=_LINDEN, buyer=_ELBE, currency="EUR", language="de"
    )
    return published(
        document, number="RE-2026-00043", theme=theme, brand=replace(_LINDEN_BRAND, theme=theme)
    )


def _credit_note(theme: str) -> Publication:
    treatment = TaxTreatment(
        components=(component("VAT", "DE", "0"),),
        category="AE",
        exemption_code="VATEX-EU-AE",
        note="Autoliquidation : le client est redevable de la taxe"
        " (directive 2006/112/CE, articles 44 et 196).",
    )
    items = [
        Item(
            text="Identité visuelle, remise sur la phase 2",
            quantity="12",
            price="95.50",
            unit="HUR",
            adjustments=(
                replace(_RESIDENT, reason="Remise accordée pour le retard de livraison"),
            ),
        )
    ]
    document = sample_document(
        items, [treatment], seller=_LINDEN, buyer=_ATELIER, currency="EUR", language="fr"
    )
    found = published(
        replace(document, type=DocumentType.CREDIT_NOTE),
        number="GS-2026-00007",
        theme=theme,
        brand=replace(_LINDEN_BRAND, theme=theme),
    )
    return replace(found, credited=Reference(number="RE-2026-00031", issue_on=date(2026, 9, 18)))


def _letter(theme: str) -> Publication:
    tax = TaxTreatment(
        components=(replace(component("Sales tax", "US", "6.5"), subdivision="WA"),),
        category=None,
    )
    items = [
        Item(
            text="Team plan, 24 seats",
            quantity="24",
            price="19",
            period=_PERIOD,
            adjustments=(replace(_RESIDENT, reason="Annual commitment"),),
        ),
        Item(
            text="API calls beyond the plan",
            quantity="184250",
            price="0.35",
            base_quantity="1000",
            explanation="First 100,000 calls free, then 0.35 USD per 1,000",
            period=_PERIOD,
        ),
        Item(text="Onboarding workshop", quantity="1", price="1250", unit="LS"),
    ]
    document = sample_document(
        items, [tax], seller=_PRAIRIE, buyer=_CASCADE, currency="USD", language="en"
    )
    brand = replace(
        _brand(theme, _PRAIRIE),
        bank_accounts=(
            BankAccount(
                holder="Prairie Software Inc.",
                number="000123456789",
                bic="CHASUS33",
                bank="JPMorgan Chase, routing number 021000021",
                currency="USD",
            ),
        ),
    )
    return published(document, number="P-10233", theme=theme, brand=brand)


def _quebec(theme: str) -> Publication:
    taxes = TaxTreatment(
        components=(component("GST", "CA", "5"), component("QST", "CA", "9.975")), category=None
    )
    items = [
        Item(text="Hébergement infonuagique", quantity="730", price="0.1435", unit="HUR"),
        Item(text="Soutien technique prioritaire", quantity="1", price="450", unit="MON"),
    ]
    document = sample_document(
        items,
        [taxes],
        seller=_BOREAL,
        buyer=_LAVAL,
        currency="CAD",
        language="fr",
    )
    return published(document, number="F-2026-311", theme=theme)


def _hebrew(theme: str) -> Publication:
    items = [
        Item(text="עיצוב כרזה לתערוכת האביב", quantity="18.5", price="320", unit="HUR"),
        Item(text="הדפסה, 500 עותקים (offset)", quantity="500", price="2.75"),
    ]
    document = sample_document(
        items, [vat("IL", "18")], seller=_JAFFA, buyer=_HAIFA, currency="ILS", language="he"
    )
    return published(document, number="IL-2026-0077", theme=theme)


def _arabic(theme: str) -> Publication:
    items = [
        Item(text="استضافة سحابية لشهر أكتوبر", quantity="1", price="1450", period=_PERIOD),
        Item(text="دعم فني مميز", quantity="12", price="95.5", unit="HUR"),
    ]
    document = sample_document(
        items, [vat("AE", "5")], seller=_DUBAI, buyer=_ABU, currency="AED", language="ar"
    )
    return published(document, number="AE-2026-0031", theme=theme)


def _japanese(theme: str) -> Publication:
    tax = TaxTreatment(components=(component("JCT", "JP", "10"),), category=None)
    items = [
        Item(text="ロゴデザイン一式", price="350000"),
        Item(text="名刺印刷(両面カラー、200枚)", quantity="3", price="12800"),
    ]
    document = sample_document(
        items, [tax], seller=_SAKURA, buyer=_YAMADA, currency="JPY", language="ja"
    )
    return published(document, number="S-2026-118", theme=theme)


def _draft(theme: str) -> Publication:
    found = _letter(theme)
    return replace(found, stage=Stage.DRAFT, is_sandbox=True)


def _foreign_currency(theme: str) -> Publication:
    withheld = TaxTreatment(
        components=(
            component("IVA", "ES", "21"),
            component("IRPF", "ES", "15", ComponentKind.WITHHOLDING),
        ),
        category="S",
    )
    seller = replace(
        _LINDEN,
        name="Taller Gráfico Sant Pere de Ribes i Associats, Societat Cooperativa Catalana Limitada",
        address=Address(
            country="ES", street="Carrer de Provença 281", postal_code="08037", city="Barcelona"
        ),
        tax_number="ESF65432109",
        language="es",
    )
    buyer = replace(
        _ELBE,
        name="Fundación para la Conservación del Patrimonio Arquitectónico "
        "y Paisajístico de las Comarcas del Alto Aragón",
        address=Address(country="ES", street="Calle Mayor 3", postal_code="22001", city="Huesca"),
        tax_number="ESG22123456",
        contact_name="",
    )
    items = [
        Item(
            text="Dirección de arte, catálogo razonado en tres volúmenes con estuche; "
            "incluye maquetación, corrección ortotipográfica, control de color y seguimiento "
            "de imprenta hasta la entrega de los ejemplares justificativos",
            quantity="1234.5678",
            price="0.123456789012",
        ),
        Item(text="Reproducciones", quantity="12", price="1234567.89"),
    ]
    document = sample_document(
        items,
        [withheld],
        seller=seller,
        buyer=buyer,
        currency="USD",
        language="es",
        base=BaseCurrency(
            currency="EUR", rate=Decimal("0.8625"), rate_on=date(2026, 10, 30), source="ECB"
        ),
    )
    return published(document, number="2026/0815", theme=theme)


SAMPLES: Mapping[str, Callable[[str], Publication]] = {
    "one-line": _one_line,
    "thirty-lines": _many_lines,
    "thousand-lines": _thousand_lines,
    "credit-note": _credit_note,
    "letter": _letter,
    "quebec": _quebec,
    "foreign-currency": _foreign_currency,
    "hebrew": _hebrew,
    "arabic": _arabic,
    "japanese": _japanese,
    "draft": _draft,
}
"""What makes each sample, by its name; it takes the theme's name."""


def lines(count: int, theme: str) -> Publication:
    """Return a sample with so many lines, to find where a page breaks badly."""
    found = _thousand_lines(theme)
    document = found.document
    items = [
        Item(text=line.description, quantity=str(line.quantity), price=str(line.unit_price))
        for line in document.lines[:count]
    ]
    make = partial(sample_document, items, [vat("DE", "19")], currency="EUR", language="de")
    return replace(found, document=make(seller=_LINDEN, buyer=_ELBE))
