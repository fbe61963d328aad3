"""What members have and have reached."""

from loyalty.tiers.queries.explaining import Explanation, explain, scheme_on
from loyalty.tiers.queries.figures import Ask, FigureSql, Survey, figures, rising, survey
from loyalty.tiers.queries.standings import (
    ChangeView,
    EvaluationView,
    FloorView,
    ask_standings,
    evaluations,
    floors,
    history,
    last_of_chunk,
    level_counts,
    level_on,
    lock_due,
    lock_standings,
    lowest_level,
    standing,
    standings,
)

__all__ = [
    "Ask",
    "ChangeView",
    "EvaluationView",
    "Explanation",
    "FigureSql",
    "FloorView",
    "Survey",
    "ask_standings",
    "evaluations",
    "explain",
    "figures",
    "floors",
    "history",
    "last_of_chunk",
    "level_counts",
    "level_on",
    "lock_due",
    "lock_standings",
    "lowest_level",
    "rising",
    "scheme_on",
    "standing",
    "standings",
    "survey",
]
