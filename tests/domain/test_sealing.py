"""Test vectors of the hash chains: what any other implementation must get, too."""

from hashlib import sha256
from uuid import UUID

from billhook.domain.sealing import FIRST, canonical, commitment, document_hash, entry_hash

RUN = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
CONTENT = sha256(b'{"a":"1"}').digest()


def test_canonical_json_sorts_keys_and_keeps_text():
    assert canonical({"b": "é", "a": ["1", {"z": "", "y": "\n"}]}) == (
        '{"a":["1",{"y":"\\n","z":""}],"b":"é"}'.encode()
    )


def test_a_document_hash_covers_link_run_number_print_and_content():
    first = document_hash(FIRST, RUN, 1, "INV-2026-00001", CONTENT)
    by_hand = sha256(
        b"\x01" + bytes(32) + RUN.bytes + (1).to_bytes(8, "big")
        + sha256(b"INV-2026-00001").digest() + CONTENT
    ).digest()  # fmt: skip
    assert first == by_hand
    others = {
        document_hash(first, RUN, 1, "INV-2026-00001", CONTENT),
        document_hash(FIRST, UUID(int=1), 1, "INV-2026-00001", CONTENT),
        document_hash(FIRST, RUN, 2, "INV-2026-00001", CONTENT),
        document_hash(FIRST, RUN, 1, "INV-2026-00002", CONTENT),
        document_hash(FIRST, RUN, 1, "INV-2026-00001", bytes(32)),
    }
    assert len(others | {first}) == 6


def test_the_published_vectors_hold():
    assert (
        document_hash(FIRST, RUN, 1, "INV-2026-00001", CONTENT).hex()
        == "3508fe841748b961c4a007ca15231a904904c77bb3f07961e84b6244a4c7bdb3"
    )
    assert (
        entry_hash(FIRST, RUN, 1, CONTENT).hex()
        == "1145fc69478d96aa380ea6ef1ad9e06e57e0b5c923505e2ff4efbd805599b505"
    )
    assert (
        commitment(bytes(16), b'{"name":"Ann"}').hex()
        == "9e3471631d653b3f36bb8e1418e01224be0f2a653a57e32dcc12d0f33ff656ba"
    )
