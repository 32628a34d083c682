"""Sellers and buyers as a document freezes them (EN 16931 BG-4 to BG-8)."""

from dataclasses import dataclass

from billhook.domain.custom_fields import FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a party is; only the country is always known."""

    country: str  # BT-40, BT-55: ISO 3166-1 alpha-2
    street: str = ""  # BT-35, BT-50
    extra: str = ""  # BT-36, BT-51
    postal_code: str = ""  # BT-38, BT-53
    city: str = ""  # BT-37, BT-52
    subdivision: str = ""  # BT-39, BT-54: ISO 3166-2 without the country


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A seller or buyer: what its documents print, and what taxes depend on."""

    name: str  # BT-27, BT-44
    address: Address
    reference: str = ""  # BT-46: our code of the buyer
    tax_number: str = ""  # BT-31, BT-48
    legal_id: str = ""  # BT-30, BT-47: in the trade register
    legal_id_scheme: str = ""  # ISO 6523 ICD, such as 0002 for SIRENE
    electronic_address: str = ""  # BT-34, BT-49: where e-invoices go
    electronic_scheme: str = ""  # EAS code list, such as 0088 for a GLN
    contact_name: str = ""  # BT-41, BT-56
    phone: str = ""  # BT-42, BT-57
    email: str = ""  # BT-43, BT-58
    language: str = "en"
    fields: tuple[FieldValue, ...] = ()

    @property
    def is_business(self) -> bool:
        """A customer without a tax number is a consumer."""
        return bool(self.tax_number)
