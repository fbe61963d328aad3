"""One member's points in the plainest words, written apart from the ledger, which must agree with it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class ModelLot:
    """One award; `left` points of it are where they are, in the order in which they were made."""

    number: int
    left: int
    sale: int
    starts: datetime | None
    ends: datetime | None
    waiting: bool = False


@dataclass
class Model:
    """What one member has, in the plainest words."""

    lots: list[ModelLot] = field(default_factory=list)
    debt: int = 0
    reserved: dict[str, list[tuple[ModelLot, int]]] = field(default_factory=dict)
    redeemed: dict[str, list[tuple[ModelLot, int]]] = field(default_factory=dict)
    made: int = 0

    def usable(self, now):
        """Lots that can be used now, in use order."""
        found = [lot for lot in self.lots if lot.left and not lot.waiting and (lot.ends is None or now < lot.ends)]
        return sorted(found, key=lambda lot: (lot.ends is None, lot.ends or now, lot.number))

    def available(self, now):
        return sum(lot.left for lot in self.usable(now))

    def pending(self):
        return sum(lot.left for lot in self.lots if lot.waiting)

    def held(self):
        return sum(points for cuts in self.reserved.values() for _, points in cuts)

    def wake(self, now):
        """Let pending lots whose time has come be usable, and pay debts from them."""
        for lot in self.lots:
            if lot.waiting and lot.starts <= now:
                lot.waiting = False
                self.pay(now)

    def pay(self, now):
        for lot in self.usable(now):
            paid = min(lot.left, self.debt)
            lot.left -= paid
            self.debt -= paid

    def add(self, points, now, *, sale=0, starts=None, ends=None):
        self.made += 1
        waiting = starts is not None and starts > now
        self.lots.append(ModelLot(self.made, points, sale, starts, ends, waiting))
        if not waiting:
            self.pay(now)

    def spend(self, points, now):
        cuts = []
        for lot in self.usable(now):
            share = min(lot.left, points)
            if share:
                lot.left -= share
                points -= share
                cuts.append((lot, share))
        assert points == 0
        return cuts

    def put_back(self, cuts, now):
        for lot, points in cuts:
            if lot.ends is None or now < lot.ends:
                lot.left += points
        self.pay(now)

    def take(self, points, sale, now, *, debt):
        own = [lot for lot in self.lots if lot.sale == sale and lot.left]
        live = [lot for lot in own if not lot.waiting and (lot.ends is None or now < lot.ends)]
        order = [lot for lot in own if lot.waiting] + live
        order += [lot for lot in self.usable(now) if lot not in live]
        for lot in order:
            share = min(lot.left, points)
            lot.left -= share
            points -= share
        if debt:
            self.debt += points


def split(cuts, points):
    """The first `points` of the cuts, and the rest."""
    first, rest = [], []
    for lot, share in cuts:
        part = min(share, points)
        points -= part
        first += [(lot, part)] if part else []
        rest += [(lot, share - part)] if share > part else []
    return first, rest


def usable_after_waking(model, now):
    """How many points can be used now, once ripe lots are usable and debts are paid from them."""
    woken = [
        lot.left for lot in model.lots
        if ((lot.waiting and lot.starts <= now) or not lot.waiting) and (lot.ends is None or now < lot.ends)
    ]  # fmt: skip
    return max(0, sum(woken) - model.debt)
