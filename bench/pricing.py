"""Tiered prices of a million quantities, against a bare loop that works out the same sums.

`rate` is what the pricing models work out for a batch of quantities of one price:
exact amounts, no objects. `rate_answers` is the whole contract as a bill run calls
it: queries in, answers with parts and explanation out. Every quantity is another one;
`rate_answers_repeated` has 200 quantities that come again and again, as seats do.
The floor, in the same run: bisect, multiply and add in a loop without functions, on
the same tiers and quantities. All are quantities per second of this process's CPU.
"""

import gc
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from decimal import Decimal

import _stage

from billhook import limits
from billhook.domain.pricing import PriceQuery, PriceVersion
from billhook.ids import new_id
from billhook_pricing_tiered.parameters import Form
from billhook_pricing_tiered.pricing import MODELS

TIERS = "0-100: 10; 101-1000: 8 + 25; 1001-10000: 6.5; 10001-100000: 5 + 100; 100001-: 4.25"
PACKAGES = "0-100: 10; 101-1000: 8; 1001-10000: 6.5; 10001-100000: 5; 100001-: 4.25"
PARAMETERS = {
    "graduated": {"tiers": TIERS},
    "volume": {"tiers": TIERS},
    "stairstep": {"tiers": PACKAGES},
    "package": {"package_price": "5", "package_size": "100", "free_units": "1000"},
    "tiered_package": {"tiers": PACKAGES, "package_size": "50"},
}
ENDS = [Decimal(end) for end in (100, 1_000, 10_000, 100_000)]
PRICES = [Decimal(price) for price in ("10", "8", "6.5", "5", "4.25")]
BEFORE = [Decimal(fixed) for fixed in ("0", "225", "1725", "16825", "91825")]
"""What makes quantity × price the graduated price of `TIERS`: fees and fuller tiers below."""

BATCH = limits.CHARGES_PER_PART


def quantities(count: int) -> list[Decimal]:
    """Return so many different quantities over all tiers, every second one a whole number."""
    return [
        Decimal(number * 37 % 200_003 + number // 200_003 * 200_003)
        if number % 2
        else Decimal(number * 37_000 % 200_000_033) / 1000
        for number in range(1, count + 1)
    ]


def batches(items: list) -> Iterator[list]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))


def rate(work: Callable[[list], object], items: list) -> float:
    """Return items a second of CPU, worked through in batches of a bill run's size."""
    parts = list(batches(items))
    gc.collect()
    gc.freeze()  # what was prepared is not walked through while it runs
    began = time.process_time()
    for part in parts:
        work(part)
    took = time.process_time() - began
    gc.unfreeze()
    return len(items) / took


def floor(part: list[Decimal]) -> list[Decimal]:
    amounts = []
    for quantity in part:
        place = bisect_left(ENDS, quantity)
        amounts.append(quantity * PRICES[place] + BEFORE[place])
    return amounts


def figures(count: int, rounds: int) -> dict[str, object]:
    asked = quantities(count)
    table = _table("graduated")
    if table.amounts(asked) != floor(asked):
        raise SystemExit("The floor works out other sums than the plugin.")
    answering = asked[: count // 5]
    repeated = [asked[number % 200] for number in range(len(answering))]
    floors, found = [], {name: [] for name in ("amounts", "answers", "repeated")}
    for _round in range(rounds):
        floors.append(rate(floor, asked))
        found["amounts"].append(rate(table.amounts, asked))
        found["answers"].append(_answers("graduated", answering))
        found["repeated"].append(_answers("graduated", repeated))
        floors.append(rate(floor, asked))
    middle = _middle(floors)
    shown = {name: round(_middle(rates)) for name, rates in found.items()}
    return {
        "ratio": round(shown["amounts"] / middle, 3),
        "rate": shown["amounts"],
        "floor_rate": round(middle),
        "ratio_answers": round(shown["answers"] / middle, 3),
        "rate_answers": shown["answers"],
        "rate_answers_repeated": shown["repeated"],
    }


def by_model(count: int) -> dict[str, object]:
    asked = quantities(count)
    found: dict[str, object] = {}
    for model in PARAMETERS:
        found[f"rate_{model}"] = round(rate(_table(model).amounts, asked))
        found[f"rate_{model}_answers"] = round(_answers(model, asked[: count // 5]))
    return found


def _answers(model: str, asked: list[Decimal]) -> float:
    version = _version(model)
    queries = [PriceQuery(price=version, quantity=quantity) for quantity in asked]
    return rate(MODELS[version.model](None).price, queries)  # type: ignore[arg-type]


def _table(model: str):
    found = MODELS[f"pricing_tiered.{model}"]
    return found.read(Form(PARAMETERS[model], found.known)).table


def _version(model: str) -> PriceVersion:
    return PriceVersion(
        id=new_id(),
        model=f"pricing_tiered.{model}",
        currency="EUR",
        parameters=PARAMETERS[model],
    )


def _middle(rates: list[float]) -> float:
    return sorted(rates)[len(rates) // 2]


if __name__ == "__main__":
    options = _stage.arguments(__doc__ or "")
    measured = figures(1_000_000, 1 if options.quick else 5)
    if not options.quick:
        measured |= by_model(1_000_000)
    _stage.show(measured, as_json=options.json)
