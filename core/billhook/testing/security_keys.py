"""A security key in software, for tests: it does what a browser and a device do together."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

_PRESENT, _ATTESTED = 0x01, 0x40


@dataclass(slots=True)
class SoftKey:
    """A key that signs with P-256, and counts how often."""

    origin: str
    credential_id: bytes = b"soft-key-0000001"
    uses: int = 0
    _private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def register(self, options: str) -> str:
        """Answer what a page asks of a new key."""
        wanted = json.loads(options)
        data = self._data(wanted["rp"]["id"], _PRESENT | _ATTESTED) + self._attested()
        told = self._told("webauthn.create", wanted["challenge"])
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(told),
                "attestationObject": bytes_to_base64url(attestation),
                "transports": ["usb"],
            }
        )

    def sign(self, options: str) -> str:
        """Answer what a page asks of a known key."""
        wanted = json.loads(options)
        self.uses += 1
        data = self._data(wanted["rpId"], _PRESENT)
        told = self._told("webauthn.get", wanted["challenge"])
        signed = data + hashlib.sha256(told).digest()
        return self._answer(
            {
                "clientDataJSON": bytes_to_base64url(told),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(
                    self._private.sign(signed, ec.ECDSA(hashes.SHA256()))
                ),
            }
        )

    def _answer(self, response: dict[str, Any]) -> str:
        name = bytes_to_base64url(self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )

    def _told(self, kind: str, challenge: str) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _data(self, host: str, flags: int) -> bytes:
        start = hashlib.sha256(host.encode()).digest()
        return start + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _attested(self) -> bytes:
        numbers = self._private.public_key().public_numbers()
        public = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        length = len(self.credential_id).to_bytes(2, "big")
        return bytes(16) + length + self.credential_id + public
