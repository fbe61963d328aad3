"""Kinds and their bodies, the life of a version, programme files and the work calendar."""

from loyalty.programme.rules.bodies import Parser, check_body, kinds, parse, register_kind, sha256_of
from loyalty.programme.rules.files import Loaded, parse_file
from loyalty.programme.rules.life import (
    MOVES,
    STATES,
    AlreadyLoaded,
    AuthorApproves,
    InForce,
    MomentPassed,
    MomentTaken,
    NobodyAnswers,
    NotThatState,
    NotTheAuthor,
    VersionNotFound,
    check_move,
    check_not_begun,
    check_two_people,
    start_of,
)
from loyalty.programme.rules.workdays import DayKind, WorkCalendar, is_published, published_until, special_days

__all__ = [
    "MOVES",
    "STATES",
    "AlreadyLoaded",
    "AuthorApproves",
    "DayKind",
    "InForce",
    "Loaded",
    "MomentPassed",
    "MomentTaken",
    "NobodyAnswers",
    "NotThatState",
    "NotTheAuthor",
    "Parser",
    "VersionNotFound",
    "WorkCalendar",
    "check_body",
    "check_move",
    "check_not_begun",
    "check_two_people",
    "is_published",
    "kinds",
    "parse",
    "parse_file",
    "published_until",
    "register_kind",
    "sha256_of",
    "special_days",
    "start_of",
]
