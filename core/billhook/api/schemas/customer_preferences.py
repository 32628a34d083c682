"""How customers want documents, as the API takes and gives it."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from billhook import limits
from billhook.domain.deliveries import Tone
from billhook.sdk.api import Answer, Input
from billhook.services.preferences import NONE, PreferenceChange, Preferences

_MOST = 50

ProviderKey = Annotated[
    str,
    Field(
        max_length=limits.CODE,
        pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$",
        examples=["delivery_email.email"],
    ),
]


class PreferenceChanges(Input):
    """What a customer wants. A field that is left out stays; null is as for every customer."""

    brand: str | None = Field(None, max_length=limits.CODE, description="Its code.")
    tone: Tone | None = Field(None, description="Of mails.")
    channels: list[ProviderKey] | None = Field(
        None,
        max_length=_MOST,
        description="By which documents go out by themselves; an empty list for none.",
    )
    formats: list[ProviderKey] | None = Field(
        None,
        max_length=_MOST,
        description="E-invoice formats that go along; an empty list for none.",
    )
    formats_by_channel: dict[
        ProviderKey, Annotated[list[ProviderKey], Field(max_length=_MOST)]
    ] = Field(
        {},
        max_length=_MOST,
        description="Formats of single channels, all of them; others have `formats`.",
    )

    def change(self) -> PreferenceChange:
        """Return what was sent as services take it."""
        sent = self.model_fields_set
        by_channel = {name: _keys(keys) for name, keys in self.formats_by_channel.items()}
        return PreferenceChange(
            brand=(self.brand or "") if "brand" in sent else None,
            tone=(self.tone or "") if "tone" in sent else None,
            channels=_keys(self.channels) if "channels" in sent else None,
            formats=_keys(self.formats) if "formats" in sent else None,
            by_channel=by_channel if "formats_by_channel" in sent else None,
        )


def _keys(keys: Iterable[str] | None) -> str:
    """Write keys as services read them."""
    return "" if keys is None else ",".join(keys) or NONE


def _listed(text: str | None) -> list[str] | None:
    """Take apart what `_keys` wrote."""
    if not text:
        return None
    return [] if text == NONE else text.split(",")


class PreferencesInForce(Answer):
    """What holds for a customer, with what all customers have."""

    brand: str = Field(description="Its code; empty for the default one.")
    tone: Tone
    channels: list[str]
    formats: list[str] = Field(description="Those of all channels.")
    formats_by_channel: Mapping[str, list[str]]


class PreferencesAnswer(Answer):
    """How a customer wants documents: null is as for every customer."""

    brand: str | None
    tone: Tone | None
    channels: list[str] | None
    formats: list[str] | None
    formats_by_channel: Mapping[str, list[str]]
    in_force: PreferencesInForce

    @classmethod
    def of(cls, chosen: PreferenceChange, holds: Preferences) -> "PreferencesAnswer":
        """Return how the API shows what a customer chose, and what holds."""
        by_channel = chosen.by_channel or {}
        return cls(
            brand=chosen.brand or None,
            tone=Tone(chosen.tone) if chosen.tone else None,
            channels=_listed(chosen.channels),
            formats=_listed(chosen.formats),
            formats_by_channel={name: _listed(keys) or [] for name, keys in by_channel.items()},
            in_force=PreferencesInForce(
                brand=holds.brand,
                tone=holds.tone,
                channels=list(holds.channels),
                formats=list(holds.formats),
                formats_by_channel={name: list(keys) for name, keys in holds.by_channel.items()},
            ),
        )
