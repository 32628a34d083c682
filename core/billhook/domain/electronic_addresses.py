"""Schemes of electronic addresses that people meet, by their codes.

A part of the EAS code list of the European Commission (CEF eInvoicing), with the
names that the list gives. A customer may have a scheme that is not here.
"""

SCHEMES: dict[str, str] = {
    "0002": "SIRENE (FR)",
    "0007": "Organisationsnummer (SE)",
    "0009": "SIRET (FR)",
    "0060": "D-U-N-S Number",
    "0088": "GLN",
    "0096": "CVR P-number (DK)",
    "0106": "KvK-nummer (NL)",
    "0151": "ABN (AU)",
    "0184": "CVR (DK)",
    "0188": "Corporate Number (JP)",
    "0190": "OIN (NL)",
    "0192": "Organisasjonsnummer (NO)",
    "0195": "UEN (SG)",
    "0196": "Kennitala (IS)",
    "0199": "LEI",
    "0204": "Leitweg-ID (DE)",
    "0208": "Numéro d'entreprise (BE)",
    "0211": "Partita IVA (IT)",
    "0216": "OVT (FI)",
    "0221": "Registered invoice issuer (JP)",
    "9906": "VAT (IT)",
    "9914": "VAT (AT)",
    "9920": "VAT (ES)",
    "9925": "VAT (BE)",
    "9930": "VAT (DE)",
    "9932": "VAT (GB)",
    "9944": "VAT (NL)",
    "9957": "VAT (FR)",
    "EM": "E-mail",
}
"""Names by code, in the order of the codes."""
