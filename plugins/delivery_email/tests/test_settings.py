"""What a tenant may set, and what is refused with what to do."""

import pytest

from billhook_delivery_email.settings import DeliveryEmailSettings, Security


def found(**settings) -> set[str]:
    return {problem.path for problem in DeliveryEmailSettings(**settings).problems()}


def test_the_defaults_are_good_and_encrypt():
    settings = DeliveryEmailSettings()
    assert settings.problems() == []
    assert settings.security is Security.STARTTLS
    assert settings.bounce_security is Security.TLS


@pytest.mark.parametrize(
    ("security", "smtp", "imap"),
    [(Security.STARTTLS, 587, 143), (Security.TLS, 465, 993), (Security.NONE, 25, 143)],
)
def test_the_usual_ports(security, smtp, imap):
    settings = DeliveryEmailSettings(security=security, bounce_security=security)
    assert (settings.smtp_port, settings.imap_port) == (smtp, imap)
    assert DeliveryEmailSettings(port=2525).smtp_port == 2525


@pytest.mark.parametrize("host", ["mail.shop.example", "10.0.0.1", "localhost.evil.example"])
def test_no_password_goes_unencrypted_over_a_net(host):
    assert found(host=host, security=Security.NONE, user="shop") == {"security"}
    assert found(bounce_host=host, bounce_security=Security.NONE, bounce_user="shop") == {
        "bounce_security"
    }
    assert (
        found(host=host, security=Security.NONE, user="shop", allows_plain_password=True) == set()
    )
    assert found(host=host, security=Security.NONE) == set(), "no user, no password"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]"])
def test_beside_the_server_it_may(host):
    assert found(host=host, security=Security.NONE, user="shop") == set()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 0),
        ("port", 65536),
        ("bounce_port", -1),
        ("timeout", 0),
        ("timeout", 61),
        ("largest_mail", 0),
        ("from_email", "nowhere"),
        ("return_address", "a b@shop.example"),
        ("archive", "archive"),
        ("helo_name", "shop example"),
        ("host", "mail\nshop"),
        ("from_name", "Shop\r\nBcc: x"),
        ("user", "a\r\nb"),
    ],
)
def test_what_cannot_be_is_refused(name, value):
    assert name in found(**{name: value})


def test_passwords_are_shown_nowhere():
    assert "zebra" not in repr(DeliveryEmailSettings(password="zebra", bounce_password="zebra"))
