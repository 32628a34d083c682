"""Plugins as the API takes and gives them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from billhook import limits
from billhook.api.schemas.problems import Remark, remarks
from billhook.sdk.api import Answer, Input, Query
from billhook.sdk.health import Health
from billhook.services.plugin_catalogue import PluginEntry, State
from billhook.services.plugin_health import Condition
from billhook.services.plugin_settings import SettingEntry, Source

MOST_SETTINGS = 200


class PluginsQuery(Query):
    """Which plugins."""

    state: State | None = None


class PluginAnswer(Answer):
    """A plugin: what it is, and how it does here."""

    name: str
    title: str
    summary: str
    version: str
    distribution: str
    families: list[str] = Field(description="What kinds of things it provides.")
    hooks: list[str] = Field(description="What it is asked and told.")
    depends: list[str] = Field(description="Plugins that have to be enabled first.")
    sends_data_to: str = Field(description="To whom data leaves the house; empty for nobody.")
    state: State
    health: list[Remark] = Field(description="What is wrong with it; empty is well.")
    changed_at: datetime | None = Field(description="When it was last switched on or off.")
    changed_by: UUID | None
    changed_by_name: str

    @classmethod
    def of(cls, entry: PluginEntry) -> "PluginAnswer":
        """Return how the API shows a plugin."""
        return cls(
            name=entry.name,
            title=entry.title,
            summary=entry.summary,
            version=entry.version,
            distribution=entry.distribution,
            families=list(entry.families),
            hooks=list(entry.hooks),
            depends=list(entry.depends),
            sends_data_to=entry.sends_data_to,
            state=entry.state,
            health=remarks(entry.health),
            changed_at=entry.changed_at,
            changed_by=entry.changed_by,
            changed_by_name=entry.changed_by_name,
        )


class SwitchedAnswer(Answer):
    """A plugin that was switched on or off, and what follows from it."""

    plugin: PluginAnswer
    warnings: list[Remark]


class ConsequencesAnswer(Answer):
    """What would follow from disabling a plugin; errors stand against it."""

    consequences: list[Remark]


class FailedJobAnswer(Answer):
    """A job of the plugin's that was given up."""

    name: str
    reason: str
    created_at: datetime


class ConditionAnswer(Answer):
    """What went wrong with a plugin of late."""

    dead_jobs: int
    waiting_jobs: int
    last_failures: list[FailedJobAnswer]
    hung_calls: int = Field(description="Calls that overran their deadline and still run.")
    can_check: bool = Field(description="Whether it can try its connections.")

    @classmethod
    def of(cls, found: Condition) -> "ConditionAnswer":
        """Return how the API shows a condition."""
        return cls(
            dead_jobs=found.dead_jobs,
            waiting_jobs=found.waiting_jobs,
            last_failures=[
                FailedJobAnswer(name=one.name, reason=one.reason, created_at=one.created_at)
                for one in found.last_failures
            ],
            hung_calls=found.hung_calls,
            can_check=found.can_check,
        )


class SettingAnswer(Answer):
    """One setting of a plugin."""

    name: str
    label: str
    hint: str
    kind: Literal["text", "whole", "switch", "decimal", "date", "choice"]
    choices: list[str]
    is_required: bool
    is_secret: bool
    is_set: bool
    value: str = Field(description="Always empty for a secret: it is written, and never read.")
    source: Source
    variable: str = Field(description="The environment variable that fixes it; else empty.")

    @classmethod
    def of(cls, entry: SettingEntry) -> "SettingAnswer":
        """Return how the API shows a setting."""
        field = entry.field
        return cls(
            name=entry.name,
            label=entry.label,
            hint=entry.hint,
            kind=_KINDS.get(field.kind.__name__, "choice"),
            choices=list(field.choices),
            is_required=field.is_required,
            is_secret=field.is_secret,
            is_set=entry.is_set,
            value=entry.value,
            source=entry.source,
            variable=entry.variable,
        )


_KINDS: dict[str, Literal["text", "whole", "switch", "decimal", "date"]] = {
    "str": "text",
    "int": "whole",
    "bool": "switch",
    "Decimal": "decimal",
    "date": "date",
}


class SettingsAnswer(Answer):
    """The settings of a plugin."""

    settings: list[SettingAnswer]
    version: int
    warnings: list[Remark] = Field(description="What a change left to be said.")


class SettingChanges(Input):
    """New values by name; what is left out stays."""

    values: dict[
        Annotated[str, Field(max_length=limits.CODE)],
        Annotated[str, Field(max_length=limits.SETTING_TEXT)] | None,
    ] = Field(
        max_length=MOST_SETTINGS,
        description="Texts; null takes a setting back to its default, and removes a secret.",
        examples=[{"host": "mail.example.org", "port": "587"}],
    )


class StepAnswer(Answer):
    """One step of a trial: what was done, what came back, what to do where it failed."""

    what: str
    answer: str
    is_good: bool
    advice: str


class HealthAnswer(Answer):
    """What a plugin found when it tried its connections; it ends with the first that failed."""

    is_good: bool
    steps: list[StepAnswer]

    @classmethod
    def of(cls, found: Health) -> "HealthAnswer":
        """Return how the API shows a trial."""
        return cls(
            is_good=found.is_good,
            steps=[
                StepAnswer(
                    what=one.what, answer=one.answer, is_good=one.is_good, advice=one.advice
                )
                for one in found.steps
            ],
        )
