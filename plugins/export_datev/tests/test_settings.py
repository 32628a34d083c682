"""Settings are refused where DATEV would refuse the batch."""

import pytest

from billhook_export_datev.settings import ExportDatevSettings, mapping


@pytest.mark.parametrize(
    ("chosen", "path"),
    [
        ({"consultant_number": 1000}, "consultant_number"),
        ({"client_number": 0}, "client_number"),
        ({"account_length": 9}, "account_length"),
        ({"fiscal_year_month": 13}, "fiscal_year_month"),
        ({"accounts": "4000 8400"}, "accounts"),
        ({"accounts": "4000 = 840000"}, "accounts"),
        ({"accounts": "4000 = ８４００"}, "accounts"),
        ({"revenue_key": "4a"}, "revenue_key"),
    ],
)
def test_what_makes_no_batch_is_refused(chosen, path):
    assert [one.path for one in ExportDatevSettings(**chosen).problems()] == [path]


def test_accounts_are_read_with_their_rates():
    assert mapping("1200 = 1400,\n2200@19=1776 , 2200@5.5 = 1772") == {
        "1200": "1400",
        "2200@19": "1776",
        "2200@5.5": "1772",
    }
