"""Typed settings: one class gives defaults, checks, the form, the docs and the audit.

```python
@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRulesSettings(Settings):
    plugin: ClassVar[str] = "tax_rules"
    oss_from: date | None = setting(None, label=_("OSS since"), hint=_("…"))
```

Fields are str, int, bool, Decimal, date, an Enum, or one of them or None.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from babel.support import LazyProxy

from billhook.problems import Problem


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The root of all plugins' settings."""

    plugin: ClassVar[str]

    def problems(self) -> Sequence[Problem]:
        """Tell what is wrong beyond the types; `path` is the field's name."""
        return ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SettingText:
    """What a person reads beside a field."""

    label: str | LazyProxy
    hint: str | LazyProxy = ""


def setting(
    default: Any = dataclasses.MISSING, *, label: str | LazyProxy, hint: str | LazyProxy = ""
) -> Any:
    """Declare a field with its texts."""
    return dataclasses.field(
        default=default, metadata={"text": SettingText(label=label, hint=hint)}
    )


def secret(*, label: str | LazyProxy, hint: str | LazyProxy = "") -> Any:
    """Declare a field that is sealed at rest and never shown again; empty until it is set."""
    return dataclasses.field(
        default="",
        repr=False,
        metadata={"text": SettingText(label=label, hint=hint), "is_secret": True},
    )
