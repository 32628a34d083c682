"""The five models: how tiers, or a package, become the rungs of a table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import accumulate
from operator import add

from billhook.domain.pricing import PricePart
from billhook.money import plain
from billhook_pricing_tiered.tables import (
    EXACT,
    ONE,
    ZERO,
    Rung,
    Table,
    number,
    on_lines,
    on_steps,
    priced_part,
)
from billhook_pricing_tiered.texts import gettext as _
from billhook_pricing_tiered.tiers import Tier


def graduated(tiers: Sequence[Tier]) -> Table:
    """Price each tier's units at its own price; the fees of all tiers reached are due."""
    bands = [
        _Band(last=tier.last, price=tier.price, label=_units(tier), fee=_fee(tier))
        for tier in tiers
    ]
    return _climbed(bands, bills_zero=not tiers[0].first)


def volume(tiers: Sequence[Tier]) -> Table:
    """Price all units at the price of the tier that the quantity falls into."""
    rungs = [
        Rung(
            count=_all,
            price=tier.price,
            label=_units(tier),
            after=_fee(tier),
            fixed=tier.fee,
            closing=_closing(tier.price, _fee(tier)),
        )
        for tier in tiers
    ]
    return _straight(tiers, rungs, [(tier.price, tier.fee) for tier in tiers])


def stairstep(tiers: Sequence[Tier]) -> Table:
    """Price the step that the quantity falls into, once."""
    rungs = [
        Rung(
            count=_once,
            price=tier.price,
            label=_units(tier),
            closing=_closing(tier.price),
        )
        for tier in tiers
    ]
    return _straight(tiers, rungs, [(ZERO, tier.price) for tier in tiers])


def package(price: Decimal, size: Decimal, free: Decimal) -> Table:
    """Price each started package, after a number of free units."""
    label = _("packages of %(size)s", size=plain(size))
    paid = _Band(last=None, price=price, label=label, size=size)
    if not free:
        return _climbed([paid], bills_zero=False)
    label = _("first %(count)s units, free", count=plain(free))
    return _climbed([_Band(last=free, price=ZERO, label=label), paid], bills_zero=False)


def tiered_package(tiers: Sequence[Tier], size: Decimal) -> Table:
    """Price each tier's started packages at its own price. Tiers end where packages do."""
    bands = [
        _Band(last=tier.last, price=tier.price, label=_packages_of(tier, size), size=size)
        for tier in tiers
    ]
    return _climbed(bands, bills_zero=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    """A stretch of quantities whose units, or packages, have a price of their own."""

    last: Decimal | None
    price: Decimal
    label: str
    size: Decimal | None = None
    """Units of a package; None prices the units as they are."""
    fee: tuple[PricePart, ...] = ()

    def counter(self, start: Decimal) -> Callable[[Decimal], Decimal]:
        """Return what counts a quantity's units, or packages, above the band's start."""
        if self.size is not None:
            return partial(_packages, start, self.size)
        return partial(_above, start) if start else _all


def _straight(
    tiers: Sequence[Tier], rungs: Sequence[Rung], lines: Sequence[tuple[Decimal, Decimal]]
) -> Table:
    """Return the table in which one tier alone counts, and its amounts are on a line."""
    ends = _ends(tiers)
    return Table(
        ends=ends,
        rungs=tuple(rungs),
        bills_zero=not tiers[0].first,
        above_zero=partial(on_lines, ends, lines),
    )


def _climbed(bands: Sequence[_Band], *, bills_zero: bool) -> Table:
    """Return the table in which a quantity fills one band after the other."""
    starts = [ZERO, *(band.last or ZERO for band in bands[:-1])]
    full = [_full(band, start) for band, start in zip(bands[:-1], starts[:-1], strict=True)]
    below = accumulate(full, add, initial=())
    rungs = [_rung(*one) for one in zip(bands, starts, below, strict=True)]
    ends = _ends(bands)
    has_packages = any(band.size for band in bands)
    return Table(
        ends=ends,
        rungs=tuple(rungs),
        bills_zero=bills_zero,
        above_zero=(
            partial(on_steps, ends, list(map(_step, rungs, starts)))
            if has_packages
            else partial(on_lines, ends, list(map(_line, rungs, starts)))
        ),
    )


def _line(rung: Rung, start: Decimal) -> tuple[Decimal, Decimal]:
    return rung.price, EXACT.subtract(rung.fixed, EXACT.multiply(start, rung.price))


def _step(rung: Rung, start: Decimal) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Return a rung of packages. Free units are none, and cost zero however they are counted."""
    return start, rung.size, rung.price, rung.fixed


def _full(band: _Band, start: Decimal) -> tuple[PricePart, ...]:
    """Return the parts of a band that a quantity leaves behind."""
    assert band.last is not None
    count = band.counter(start)(band.last)
    return (priced_part(count, band.price, band.label, band.size or ONE), *band.fee)


def _rung(band: _Band, start: Decimal, before: tuple[PricePart, ...]) -> Rung:
    return Rung(
        count=band.counter(start),
        price=band.price,
        label=band.label,
        size=band.size or ONE,
        before=before,
        after=band.fee,
        fixed=_total((*before, *band.fee)),
        opening="".join(f"{_product(part)} + " for part in before),
        closing=_closing(band.price, band.fee),
    )


def _ends(ranges: Sequence[Tier | _Band]) -> tuple[Decimal, ...]:
    return tuple(one.last for one in ranges if one.last is not None)


def _all(quantity: Decimal) -> Decimal:
    return quantity


def _once(_quantity: Decimal) -> Decimal:
    return ONE


def _above(start: Decimal, quantity: Decimal) -> Decimal:
    return EXACT.subtract(quantity, start)


def _packages(start: Decimal, size: Decimal, quantity: Decimal) -> Decimal:
    """Return how many packages above a start are full or started."""
    full, rest = EXACT.divmod(EXACT.subtract(quantity, start), size)
    return EXACT.add(full, ONE) if rest else full


def _fee(tier: Tier) -> tuple[PricePart, ...]:
    if not tier.fee:
        return ()
    if tier.last is None:
        label = _("fixed fee for units from %(first)s on", first=plain(tier.first))
    else:
        label = _(
            "fixed fee for units %(first)s to %(last)s",
            first=plain(tier.first),
            last=plain(tier.last),
        )
    return (priced_part(ONE, tier.fee, label),)


def _units(tier: Tier) -> str:
    if tier.last is None:
        return _("units from %(first)s on", first=plain(tier.first))
    return _("units %(first)s to %(last)s", first=plain(tier.first), last=plain(tier.last))


def _packages_of(tier: Tier, size: Decimal) -> str:
    if tier.last is None:
        return _(
            "packages of %(size)s, units from %(first)s on",
            size=plain(size),
            first=plain(tier.first),
        )
    return _(
        "packages of %(size)s, units %(first)s to %(last)s",
        size=plain(size),
        first=plain(tier.first),
        last=plain(tier.last),
    )


def _total(parts: Iterable[PricePart]) -> Decimal:
    total = ZERO
    for part in parts:
        total = EXACT.fma(_count(part), part.unit_price, total)
    return total


def _closing(price: Decimal, fee: Iterable[PricePart] = ()) -> str:
    return f" × {number(price)}{''.join(f' + {_product(part)}' for part in fee)} = "


def _product(part: PricePart) -> str:
    return f"{number(_count(part))} × {number(part.unit_price)}"


def _count(part: PricePart) -> Decimal:
    return EXACT.divide(part.quantity, part.base_quantity)
