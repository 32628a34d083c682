"""Where requests may go, however the address is spelled."""

import ipaddress
import re

import pytest

from billhook.sdk.http import AddressRefused, Guard, HostUnknown, UrlInvalid, read_url
from billhook.sdk.http.guard import is_public, lookup

NOWHERE = Guard()
OWN = Guard(networks=(ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00:1::/32")))

PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",  # behind a provider's NAT
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # metadata of clouds
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # IPv4 in IPv6, as it once was
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",  # NAT64
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",  # Teredo
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::",  # 6to4
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fec0::1",  # site-local, as it once was
    "ff02::1",
    "fe80::1%eth0",
]
PUBLIC = ["1.1.1.1", "93.184.215.14", "100.128.0.1", "172.32.0.1", "192.0.1.1", "2606:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_and_reserved_addresses_are_refused(address):
    with pytest.raises(AddressRefused):
        NOWHERE.admit(read_url("https://host.example/"), [address])


@pytest.mark.parametrize("address", [*PUBLIC, "64:ff9b::101:101"])
def test_public_addresses_are_admitted(address):
    (found,) = NOWHERE.admit(read_url("https://host.example/"), [address])
    assert is_public(found)


def test_one_refused_address_among_several_is_enough():
    with pytest.raises(AddressRefused):
        NOWHERE.admit(read_url("https://host.example/"), ["1.1.1.1", "127.0.0.1"])


def test_no_address_is_none():
    with pytest.raises(HostUnknown):
        NOWHERE.admit(read_url("https://host.example/"), [])


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1::7"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_networks_of_the_operator_are_admitted_and_need_no_tls(scheme, address):
    assert OWN.admit(read_url(f"{scheme}://host.example/"), [address])


@pytest.mark.parametrize("address", ["10.2.0.1", "127.0.0.1", "fd00:2::7", "2002:a01:203::"])
def test_networks_beside_them_are_not(address):
    with pytest.raises(AddressRefused):
        OWN.admit(read_url("https://host.example/"), [address])


def test_public_addresses_are_told_nothing_in_clear():
    with pytest.raises(AddressRefused, match="https://"):
        OWN.admit(read_url("http://host.example/"), ["1.1.1.1"])


# Spellings


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.COM", "example.com"),
        ("https://example.com.:8443/a?b=c", "example.com:8443"),
        ("https://example.com:443/", "example.com"),
        ("https://bücher.example/", "xn--bcher-kva.example"),
        ("https://[2606:4700::1111]/", "[2606:4700::1111]"),
        ("https://1.1.1.1/", "1.1.1.1"),
        ("HTTPS://a_b.example/", "a_b.example"),
        ("https://example.com?a=1", "example.com"),
    ],
)
def test_usual_spellings_are_read(url, origin):
    assert read_url(url).origin == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https:example.com",
        "https:\\\\example.com\\",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com#@127.0.0.1/",
        "https://example.com/a#b",
        "https://exam ple.com/",
        "https://example.com/a b",
        "https://example.com/\r\nX: y",
        "https://example.com/ü",
        "https://example.com:0/",
        "https://example.com:25/",
        "https://example.com:6379/",
        "https://example.com:65536/",
        "https://example.com:999999/",
        "https://example.com:８０/",
        "https://example.com:+443/",
        "https://-example.com/",
        "https://exa..mple/",
        "https://" + "a" * 64 + ".example/",
        "https://" + "a." * 130 + "example/",
        "https://example.com/" + "a" * 2000,
        "https://2130706433/",  # 127.0.0.1 as one number
        "https://017700000001/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.0.0.1.2/",
        "https://1.1.1.256/",
        "https://[::1/",
        "https://::1/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.a]/",
        "https://[127.0.0.1]/",
        "https://%31%32%37.0.0.1/",
        "https://xn--/",
    ],
)
def test_odd_spellings_are_refused(url):
    with pytest.raises(UrlInvalid):
        read_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost/",
        "https://LOCALHOST./",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://１２７.０.０.１/",
        "https://127。0。0。1/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://[0:0:0:0:0:ffff:127.0.0.1]/",
    ],
)
def test_no_spelling_of_this_machine_is_admitted(url):
    with pytest.raises(AddressRefused):
        NOWHERE.check(url)


def test_a_name_that_nobody_knows_yet_may_be_saved():
    place = NOWHERE.check("https://not-yet.invalid/hook", resolve=lookup)
    assert place.host == "not-yet.invalid"


def test_a_text_that_is_admitted_is_what_is_asked_for():
    place = read_url("https://Example.com./a/../b;c?d=%20")
    assert (place.scheme, place.host, place.port) == ("https", "example.com", 443)
    assert re.fullmatch(r"/a/\.\./b;c\?d=%20", place.target)
