"""What roles may do, which passwords are taken, when sign-in locks, and what is refused."""

from loyalty.staff.rules.lockout import FAILURES_IN_A_ROW, FORGOTTEN_AFTER, lock_after
from loyalty.staff.rules.passwords import LONGEST, SHORTEST, check_password, normal_password
from loyalty.staff.rules.permissions import (
    GROUP_WIDE,
    PERMISSIONS,
    ROLES,
    Grant,
    Grants,
    check_permissions,
    check_role,
    client_grants,
    grants_of,
)
from loyalty.staff.rules.refusals import (
    AccountDisabled,
    AccountNotFound,
    AssignmentNotFound,
    ClientNotFound,
    LastAdministrator,
    NameTaken,
    SignInLocked,
    SignInRefused,
    StoreCodeTaken,
    StoreNotFound,
    UsernameTaken,
    WrongPassword,
)
from loyalty.staff.rules.stores import check_currency, check_zone, parse_opening_hours
from loyalty.staff.rules.usernames import normal_username

__all__ = [
    "FAILURES_IN_A_ROW",
    "FORGOTTEN_AFTER",
    "GROUP_WIDE",
    "LONGEST",
    "PERMISSIONS",
    "ROLES",
    "SHORTEST",
    "AccountDisabled",
    "AccountNotFound",
    "AssignmentNotFound",
    "ClientNotFound",
    "Grant",
    "Grants",
    "LastAdministrator",
    "NameTaken",
    "SignInLocked",
    "SignInRefused",
    "StoreCodeTaken",
    "StoreNotFound",
    "UsernameTaken",
    "WrongPassword",
    "check_currency",
    "check_password",
    "check_permissions",
    "check_role",
    "check_zone",
    "client_grants",
    "grants_of",
    "lock_after",
    "normal_password",
    "normal_username",
    "parse_opening_hours",
]
