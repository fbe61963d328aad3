"""How far one person may adjust points."""

from loyalty.membership.rules.refusals import AdjustmentAboveLimit


def check_adjustment(points: int, *, before: int, limit: int) -> None:
    """Refuse an adjustment that, with those the same person made `before`, exceeds the limit.

    `points` is signed; what is added and what is taken count alike, so that neither hides the other.
    """
    if abs(points) + before > limit:
        raise AdjustmentAboveLimit(limit=limit, before=before, asked=abs(points))
