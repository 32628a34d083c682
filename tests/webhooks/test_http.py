"""Requests over real connections: to the address that was checked, under the name that was asked for."""

import datetime as dt
import ipaddress
import socket
import ssl
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from billhook.sdk.http import (
    AddressRefused,
    Guard,
    HostUnknown,
    Http,
    NoAnswer,
    OutboundError,
    Request,
    TimedOut,
    lookups,
)
from billhook.testing import sinks
from billhook.testing.sinks import answers

NAME = "hooks.example"
OWN = Http(Guard(networks=(ipaddress.ip_network("127.0.0.0/29"),)))
SOON = dt.timedelta(seconds=0.4)


@pytest.fixture
def names(monkeypatch):
    """Answer for name servers: set what they say, see how often they were asked."""

    class Names:
        said: list[list[str]] = []
        asked = 0

    def getaddrinfo(host, port, **_wanted):
        Names.asked += 1
        found = Names.said[min(Names.asked, len(Names.said)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    def usual(host, port, *wanted, **more):
        is_named = host == NAME
        return getaddrinfo(host, port) if is_named else real(host, port, *wanted, **more)

    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", usual)
    return Names


def test_an_answer_is_told_as_it_is(receiver):
    one = receiver(answers(418, body=b"teapot", x_kind="tea"))
    answer = OWN.send(Request(method="PUT", url=one.url, headers={"x-a": "b"}, body=b"hello"))
    assert (answer.status, answer.body, answer.is_whole) == (418, b"teapot", True)
    assert answer.headers["x-kind"] == "tea"
    assert answer.address == "127.0.0.1"
    (came,) = one.received
    assert (came.method, came.target, came.body) == ("PUT", "/hook", b"hello")
    assert came.headers["x-a"] == "b"


def test_a_name_that_leads_elsewhere_a_moment_later_does_not_count(receiver, names):
    meant, inside = receiver(host="127.0.0.2"), receiver(host="127.0.0.200")
    names.said = [["127.0.0.2"], ["127.0.0.200"]]
    assert OWN.send(Request(url=f"http://{NAME}:{meant.port}/")).address == "127.0.0.2"
    assert names.asked == 1
    assert meant.received[0].headers["host"] == f"{NAME}:{meant.port}"
    with pytest.raises(AddressRefused):
        OWN.send(Request(url=f"http://{NAME}:{inside.port}/"))
    assert inside.received == []


def test_nothing_is_sent_where_one_of_the_addresses_is_refused(receiver, names):
    one = receiver(host="127.0.0.2")
    names.said = [["127.0.0.2", "127.0.0.200"]]
    with pytest.raises(AddressRefused):
        OWN.send(Request(url=f"http://{NAME}:{one.port}/"))
    assert one.received == []


def test_of_several_addresses_the_first_that_answers_is_taken(receiver, names):
    one = receiver(host="127.0.0.3")
    names.said = [["127.0.0.2", "127.0.0.3"]]
    assert OWN.send(Request(url=f"http://{NAME}:{one.port}/")).address == "127.0.0.3"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(receiver, status):
    other = receiver()
    one = receiver(answers(status, location=other.url))
    assert OWN.send(Request(method="POST", url=one.url, body=b"x")).status == status
    assert other.received == []


def test_proxies_of_the_environment_are_not_used(receiver, monkeypatch):
    one, proxy = receiver(), receiver()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    assert OWN.send(Request(url=one.url)).status == 200
    assert proxy.received == []


def test_so_much_of_an_answer_is_read_and_no_more(receiver):
    began = monotonic()
    answer = OWN.send(Request(url=receiver(sinks.floods).url, most_bytes=1000))
    assert (len(answer.body), answer.is_whole) == (1000, False)
    assert monotonic() - began < 5


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (sinks.hangs, TimedOut),
        (sinks.drips, TimedOut),
        (sinks.drops, NoAnswer),
        (sinks.floods_headers, NoAnswer),
        (sinks.talks_nonsense, NoAnswer),
    ],
)
def test_whoever_does_not_answer_is_given_up_by_the_deadline(receiver, behaviour, error):
    began = monotonic()
    with pytest.raises(error):
        OWN.send(Request(url=receiver(behaviour).url, deadline=SOON))
    assert monotonic() - began < 3


def test_whoever_is_not_there_is_named(receiver, names):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(NoAnswer, match=r"127\.0\.0\.1"):
        OWN.send(Request(url=f"http://127.0.0.1:{port}/"))
    with pytest.raises(HostUnknown, match=r"nobody\.invalid"):
        OWN.send(Request(url="https://nobody.invalid/"))


def test_name_servers_that_hang_end_by_the_deadline_and_are_so_many(monkeypatch, receiver):
    import threading

    ending = threading.Event()
    monkeypatch.setattr(lookups, "_free", threading.BoundedSemaphore(2))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: ending.wait() and [])
    try:
        for _ in range(2):
            with pytest.raises(TimedOut):
                OWN.send(Request(url="https://slow.example/", deadline=SOON / 4))
        with pytest.raises(HostUnknown):  # at once: the places for questions are taken
            OWN.send(Request(url="https://slow.example/"))
    finally:
        ending.set()


# TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """Return the file of a certificate for `NAME`, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


@pytest.fixture
def server_tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "certificate.pem", authority / "key.pem")
    return context


def test_tls_and_host_keep_the_name(receiver, names, authority, server_tls, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "certificate.pem"))
    one = receiver(tls=server_tls)
    names.said = [["127.0.0.1"]]
    answer = Http(OWN.guard).send(Request(url=f"https://{NAME}:{one.port}/"))
    assert (answer.status, answer.address) == (200, "127.0.0.1")
    assert one.names == [NAME]
    assert one.received[0].headers["host"] == f"{NAME}:{one.port}"


@pytest.mark.parametrize("host", [NAME, "127.0.0.1"])
def test_a_certificate_of_nobody_or_of_another_is_refused(
    receiver, names, authority, server_tls, monkeypatch, host
):
    if host != NAME:  # believed, but it is another's
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "certificate.pem"))
    one = receiver(tls=server_tls)
    names.said = [["127.0.0.1"]]
    with pytest.raises(OutboundError, match="certificate"):
        Http(OWN.guard).send(Request(url=f"https://{host}:{one.port}/"))
    assert one.received == []
