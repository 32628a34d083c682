"""Which addresses can be written to, and how they travel."""

import pytest

from billhook_delivery_email.addresses import address_problem, travelling


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("ann@client.example", "ann@client.example"),
        ("Ann.Lee+billing@Client.EXAMPLE", "Ann.Lee+billing@client.example"),
        ("o'hara@client.example", "o'hara@client.example"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@faß.example", "ann@xn--fa-hia.example"),  # IDNA 2008: ß stays ß
        ("андрей@пример.рф", "андрей@xn--e1afmkfd.xn--p1ai"),
        ("ann@localhost", "ann@localhost"),
        ("ann@under_score.example", "ann@under_score.example"),
    ],
)
def test_good_addresses(address, sent):
    assert travelling(address) == sent
    assert address_problem(address, path="to") is None


@pytest.mark.parametrize(
    "address",
    [
        *("", "ann", "@client.example", "ann@", "ann@client..example", "ann@-client.example"),
        *("ann lee@client.example", ".ann@client.example", "ann..lee@client.example"),
        *("ann@client.example\r\nRCPT TO:<eve@evil.example>", "<ann@client.example>"),
        *("ann@client.example,eve@evil.example", '"ann lee"@client.example', "ann@[127.0.0.1]"),
        *("a" * 65 + "@client.example", "ann@" + "a" * 64 + ".example", "a@" + "b." * 130 + "c"),
        *("ann@client.example>", "ann\x00@client.example", "ann\u202e@client.example"),
    ],
)
def test_bad_addresses(address):
    assert travelling(address) is None
    assert address_problem(address, path="to").path == "to"
