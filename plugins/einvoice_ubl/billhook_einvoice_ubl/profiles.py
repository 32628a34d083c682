"""The specifications by which an e-invoice can be written."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A specification, by the ids that a file names."""

    specification: str  # BT-24
    process: str  # BT-23
    is_peppol: bool


EN_16931 = Profile(specification="urn:cen.eu:en16931:2017", process="", is_peppol=False)

PEPPOL_BIS_3 = Profile(
    specification=("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"),
    process="urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    is_peppol=True,
)
