from datetime import date

import pytest

from billhook.domain.states import Supply
from billhook_tax_rules.places import locate

GOODS, SERVICE = Supply.GOODS, Supply.SERVICE


@pytest.mark.parametrize(
    ("address", "supply", "day", "jurisdiction", "is_in_union"),
    [
        ("DE", GOODS, "2024-01-01", "DE", True),
        ("EL", GOODS, "2024-01-01", "GR", True),  # the prefix of Greek numbers
        ("GB", GOODS, "2020-12-31", "GB", True),  # transition period
        ("GB", GOODS, "2021-01-01", "GB", False),
        ("HR", GOODS, "2013-06-30", "HR", False),
        ("HR", GOODS, "2013-07-01", "HR", True),
        ("NO", GOODS, "2024-01-01", "NO", False),
        # Directive 2006/112/EC, article 7
        ("MC", GOODS, "2024-01-01", "FR", True),
        ("IM", GOODS, "2020-12-31", "GB", True),
        ("IM", GOODS, "2021-01-01", "GB", False),
        # article 6
        ("ES-CN", GOODS, "2024-01-01", "IC", False),
        ("ES-TF", GOODS, "2024-01-01", "IC", False),
        ("ES-CE", GOODS, "2024-01-01", "EA", False),
        ("ES-MD", GOODS, "2024-01-01", "ES", True),
        ("FI-01", GOODS, "2024-01-01", "AX", False),
        ("AX", GOODS, "2024-01-01", "AX", False),
        ("FR-974", GOODS, "2024-01-01", "RE", False),
        ("GP", GOODS, "2024-01-01", "GP", False),
        ("GR-69", GOODS, "2024-01-01", "GR-69", False),
        # Protocol on Ireland / Northern Ireland
        ("GB-NIR", GOODS, "2020-12-31", "GB", True),
        ("GB-NIR", GOODS, "2021-01-01", "XI", True),
        ("GB-NIR", SERVICE, "2021-01-01", "GB", False),
        ("XI", GOODS, "2024-01-01", "XI", True),
        ("XI", SERVICE, "2024-01-01", "GB", False),
        ("GI", GOODS, "2015-01-01", "GI", False),
        # one area with Switzerland
        ("LI", GOODS, "2024-01-01", "CH", False),
        ("SJ", GOODS, "2024-01-01", "SJ", False),
    ],
)
def test_where_an_address_lies(address, supply, day, jurisdiction, is_in_union):
    country, _, subdivision = address.partition("-")
    place = locate(country, subdivision, supply, date.fromisoformat(day))
    assert (place.jurisdiction, place.is_in_union) == (jurisdiction, is_in_union)


def test_a_subdivision_may_stand_with_its_country():
    assert locate("ES", "ES-CN", GOODS, date(2024, 1, 1)).jurisdiction == "IC"


def test_northern_ireland_has_the_rates_of_the_united_kingdom():
    assert locate("XI", "", GOODS, date(2024, 1, 1)).country == "GB"


@pytest.mark.parametrize("country", ["", "UK", "EU", "de", "ZZ"])
def test_what_is_no_country_is_nowhere(country):
    assert locate(country, "", GOODS, date(2024, 1, 1)) is None
