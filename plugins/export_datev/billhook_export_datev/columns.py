"""The columns of a posting batch, format version 13, as DATEV's developer portal lists them.

https://developer.datev.de/datev/platform/de/dtvf/formate/buchungsstapel
"""


def _numbered(kind: str, first: str, second: str, count: int) -> list[str]:
    return [f"{kind}{word} {number}" for number in range(1, count + 1) for word in (first, second)]


COLUMNS: tuple[str, ...] = (
    *("Umsatz (ohne Soll/Haben-Kz)", "Soll/Haben-Kennzeichen", "WKZ Umsatz", "Kurs"),
    *("Basis-Umsatz", "WKZ Basis-Umsatz", "Konto", "Gegenkonto (ohne BU-Schlüssel)"),
    *("BU-Schlüssel", "Belegdatum", "Belegfeld 1", "Belegfeld 2", "Skonto", "Buchungstext"),
    *("Postensperre", "Diverse Adressnummer", "Geschäftspartnerbank", "Sachverhalt"),
    *("Zinssperre", "Beleglink"),
    *_numbered("Beleginfo - ", "Art", "Inhalt", 8),
    *("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "Kost-Menge"),
    *("EU-Land u. UStID (Bestimmung)", "EU-Steuersatz (Bestimmung)", "Abw. Versteuerungsart"),
    *("Sachverhalt L+L", "Funktionsergänzung L+L", "BU 49 Hauptfunktionstyp"),
    *("BU 49 Hauptfunktionsnummer", "BU 49 Funktionsergänzung"),
    *_numbered("Zusatzinformation", " - Art", "- Inhalt", 20),
    *("Stück", "Gewicht", "Zahlweise", "Forderungsart", "Veranlagungsjahr"),
    *("Zugeordnete Fälligkeit", "Skontotyp", "Auftragsnummer", "Buchungstyp"),
    *("USt-Schlüssel (Anzahlungen)", "EU-Land (Anzahlungen)", "Sachverhalt L+L (Anzahlungen)"),
    *("EU-Steuersatz (Anzahlungen)", "Erlöskonto (Anzahlungen)", "Herkunft-Kz"),
    *("Buchungs GUID", "KOST-Datum", "SEPA-Mandatsreferenz", "Skontosperre"),
    *("Gesellschaftername", "Beteiligtennummer", "Identifikationsnummer", "Zeichnernummer"),
    *("Postensperre bis", "Bezeichnung SoBil-Sachverhalt", "Kennzeichen SoBil-Buchung"),
    *("Festschreibung", "Leistungsdatum", "Datum Zuord. Steuerperiode", "Fälligkeit"),
    *("Generalumkehr (GU)", "Steuersatz", "Land", "Abrechnungsreferenz", "BVV-Position"),
    *("EU-Land u. UStID (Ursprung)", "EU-Steuersatz (Ursprung)", "Abw. Skontokonto"),
)

TEXTS: frozenset[str] = frozenset(
    {
        *("Soll/Haben-Kennzeichen", "WKZ Umsatz", "WKZ Basis-Umsatz", "BU-Schlüssel"),
        *("Belegfeld 1", "Belegfeld 2", "Buchungstext", "Diverse Adressnummer", "Beleglink"),
        *("KOST1 - Kostenstelle", "KOST2 - Kostenstelle", "EU-Land u. UStID (Bestimmung)"),
        *("Abw. Versteuerungsart", "Forderungsart", "Auftragsnummer", "Buchungstyp"),
        *("EU-Land (Anzahlungen)", "Herkunft-Kz", "Buchungs GUID", "SEPA-Mandatsreferenz"),
        *("Gesellschaftername", "Identifikationsnummer", "Zeichnernummer"),
        *("Bezeichnung SoBil-Sachverhalt", "Generalumkehr (GU)", "Land", "Abrechnungsreferenz"),
        "EU-Land u. UStID (Ursprung)",
        *(name for name in COLUMNS if name.startswith(("Beleginfo", "Zusatzinformation"))),
    }
)
"""Columns of texts: they stand in quotation marks, empty ones too."""
