"""What a plugin finds when it tries its connections: to servers, to rules, to whatever it needs."""

from dataclasses import dataclass

from billhook.domain.deliveries import TrialStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The steps that were tried, in their order; it ends with the first that failed."""

    steps: tuple[TrialStep, ...]

    @property
    def is_good(self) -> bool:
        return all(step.is_good for step in self.steps)
