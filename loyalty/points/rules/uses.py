"""What takes points out of an account: redemptions, holds, refunds of sales, adjustments, transfers."""

from collections.abc import Sequence
from datetime import datetime

from loyalty.points.rules.book import (
    AVAILABLE,
    DEBT,
    HELD,
    ISSUED,
    PENDING,
    REDEEMED,
    REVOKED,
    TRANSFERRED,
    WRITTEN_OFF,
    About,
    Book,
    Cuts,
)
from loyalty.points.rules.gains import expire_again, ripen, settle
from loyalty.points.rules.papers import Paper, Take
from loyalty.points.rules.policies import Redemption
from loyalty.points.rules.refusals import AboveShare, BelowMinimum, CaptureAboveHold, NotAMultiple, NotEnoughPoints


def use(book: Book, kind: str, place: str, points: int, paper: Paper, *, now: datetime) -> list[tuple[int, int]]:
    """Move usable points in use order to `place` and return the cuts; refused with the usable amount when too many."""
    ripen(book, now=now)
    usable = book.usable(now)
    if points > usable:
        raise NotEnoughPoints(available=usable, asked=points)
    cuts = book.pick(points, now)
    book.enter(kind, (AVAILABLE, place), points, paper, cuts=cuts)
    return cuts


def redeem(
    book: Book, points: int, paper: Paper, *, policy: Redemption, order_minor: int | None, now: datetime
) -> None:
    """Enter a redemption; refused outside the policy's multiples, minimum and share of the order's value."""
    if points < policy.minimum:
        raise BelowMinimum(minimum=policy.minimum, asked=points)
    if points % policy.multiple:
        raise NotAMultiple(multiple=policy.multiple, nearest=points - points % policy.multiple)
    most = policy.most_points(order_minor)
    if most is not None and points > most:
        raise AboveShare(most=most, asked=points)
    use(book, "redeem", REDEEMED, points, paper, now=now)


def hold(book: Book, points: int, paper: Paper, *, now: datetime) -> None:
    """Reserve usable points for a use that is decided later."""
    use(book, "hold", HELD, points, paper, now=now)


def capture(book: Book, points: int, paper: Paper, reserved: Cuts, *, about: About, now: datetime) -> None:
    """Use `points` of a hold, in the order in which it reserved them, and release the rest."""
    held = sum(share for _, share in reserved)
    if points > held:
        raise CaptureAboveHold(asked=points, held=held)
    used, rest = split_cuts(reserved, points)
    book.enter("capture", (HELD, REDEEMED), points, paper, cuts=used, about=about)
    if rest:
        release(book, paper, rest, about=About(about.id), now=now)


def release(book: Book, paper: Paper, reserved: Cuts, *, about: About, now: datetime) -> None:
    """Give held points back to their lots; what lapsed meanwhile ends at once, and debts are settled."""
    total = sum(share for _, share in reserved)
    book.enter("release", (HELD, AVAILABLE), total, paper, cuts=reserved, about=about)
    expire_again(book, paper, reserved, now=now)
    settle(book, paper, now=now)


def take_back(book: Book, take: Take, paper: Paper, *, now: datetime) -> None:
    """Take back what an award gave: its pending part, its own lots, other lots in use order, then the shortfall."""
    ripen(book, now=now)
    own = [lot for lot in book.lots.values() if (lot.source.kind, lot.source.id) == take.award_source]
    own.sort(key=lambda lot: (lot.earned_at, lot.id))
    pending = book.pick(take.points, now, [lot for lot in own if lot.state == "pending"])
    left = take.points - _sum(pending)
    book.enter("cancel_pending", (PENDING, REVOKED), _sum(pending), paper, cuts=pending)
    open_own = book.pick(left, now, [lot for lot in own if lot.usable(now)])
    left -= _sum(open_own)
    own_ids = {lot.id for lot in own}
    others = book.pick(left, now, [lot for lot in book.usable_lots(now) if lot.id not in own_ids])
    left -= _sum(others)
    cuts = open_own + others
    book.enter("revoke", (AVAILABLE, REVOKED), _sum(cuts), paper, cuts=cuts)
    if take.shortfall == "debt":
        book.enter("debt", (DEBT, REVOKED), left, paper)
    else:
        book.enter("write_off", (WRITTEN_OFF, REVOKED), left, paper)


def adjust(book: Book, points: int, paper: Paper, *, expires_at: datetime | None, now: datetime) -> None:
    """Add or, below 0, take points by decision of a person; taking more than can be used is refused."""
    if points < 0:
        use(book, "adjust", REVOKED, -points, paper, now=now)
        return
    lot = book.bear(points, paper, available_from=None, expires_at=expires_at)
    book.enter("adjust", (ISSUED, AVAILABLE), points, paper, born=[lot])
    settle(book, paper, now=now)


def transfer(giver: Book, taker: Book, points: int, paper: Paper, *, now: datetime) -> None:
    """Move usable points to another account; each part keeps its source, age and end."""
    cuts = use(giver, "transfer_out", TRANSFERRED, points, paper, now=now)
    born = [taker.bear_like(giver.lots[lot_id], share) for lot_id, share in cuts]
    taker.enter("transfer_in", (TRANSFERRED, AVAILABLE), points, paper, born=born)
    settle(taker, paper, now=now)


def split_cuts(cuts: Cuts, points: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the first `points` of the cuts, and the rest."""
    first, rest = [], []
    for lot_id, share in cuts:
        part = min(share, points)
        points -= part
        if part:
            first.append((lot_id, part))
        if share - part:
            rest.append((lot_id, share - part))
    return first, rest


def cuts_to_return(cuts: Cuts, *, returned: int, points: int) -> list[tuple[int, int]]:
    """Return which lots get the next `points` back: what was used last goes first, after what was `returned`."""
    _, left = split_cuts(list(reversed(cuts)), returned)
    return split_cuts(left, points)[0]


def _sum(cuts: Sequence[tuple[int, int]]) -> int:
    return sum(points for _, points in cuts)
