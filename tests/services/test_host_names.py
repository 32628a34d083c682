"""Which names can be a tenant's own domain."""

import pytest

from billhook.domain.host_names import NotAHostName, normalised, shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("billing.shop.example", "billing.shop.example"),
        (" Billing.Shop.Example. ", "billing.shop.example"),
        ("rechnung.müller.example", "rechnung.xn--mller-kva.example"),
        ("RECHNUNG.MÜLLER.example", "rechnung.xn--mller-kva.example"),
        ("rechnung。shop.example", "rechnung.shop.example"),  # the ideographic full stop of UTS 46
        ("faß.example", "xn--fa-hia.example"),  # IDNA 2008 keeps the ß
        ("shop.co.uk", "shop.co.uk"),
        ("a.io", "a.io"),
    ],
)
def test_names_are_written_as_the_dns_has_them(text, name):
    assert normalised(text) == name
    assert normalised(shown(name)) == name


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "shop", "localhost", "shop.localhost", "printer.local", "db.internal"),
        *("127.0.0.1", "127.1", "1.2.3.4", "::1", "[::1]", "0x7f.1", "10.in-addr.arpa"),
        *("co.uk", "com.au", "https://shop.example", "shop.example/x", "shop.example:443"),
        *("user@shop.example", "*.shop.example", "a_b.shop.example", "-a.example", "a-.example"),
        *("shop..example", ".shop.example", f"{'a' * 64}.example", f"{'a.' * 130}example"),
        *("shop.example\0", "shop.exa mple", "xn--a.example", "sh\u200bop..example", "❤.example"),
    ],
)
def test_what_is_no_public_name_is_refused(text):
    with pytest.raises(NotAHostName):
        normalised(text)
