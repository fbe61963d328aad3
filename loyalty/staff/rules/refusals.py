"""What staff refuses, with the sentence that is shown."""

from datetime import datetime
from typing import Self

from loyalty.kernel.errors import NotFound, Problem, Refused, TooMany


class StoreNotFound(NotFound):
    """There is no such store, or it lies outside the asker's stores."""

    code = "staff.store_not_found"
    sentence = "There is no store {store}."


class AccountNotFound(NotFound):
    """There is no such account."""

    code = "staff.account_not_found"
    sentence = "There is no account {account}."


class AssignmentNotFound(NotFound):
    """The account has no such role that could be ended."""

    code = "staff.assignment_not_found"
    sentence = "This account has no such role any more."


class ClientNotFound(NotFound):
    """There is no such API client."""

    code = "staff.client_not_found"
    sentence = "There is no API client {client}."


class StoreCodeTaken(Refused):
    """Store codes are unique in the group."""

    code = "staff.store_code_taken"
    sentence = "There is a store {store} already. Choose another code."


class UsernameTaken(Refused):
    """User names are unique, whatever their capitals."""

    code = "staff.username_taken"
    sentence = "There is an account {account} already. Choose another user name."


class NameTaken(Refused):
    """Names of API clients are unique, revoked ones included, so that the audit trail stays readable."""

    code = "staff.client_name_taken"
    sentence = "There is an API client {client} already. Choose another name."


class LastAdministrator(Refused):
    """Somebody must be left who can give roles."""

    code = "staff.last_administrator"
    sentence = "{account} is the last administrator. Make somebody else administrator of all stores first."


class WrongPassword(Refused):
    """Whoever changes a password knows the present one."""

    code = "staff.wrong_password"
    sentence = "The present password is not this one."


class SignInRefused(Problem):
    """The name or the password is not right; which of them is not told."""

    code = "staff.sign_in_refused"
    sentence = "User name and password do not match. Check both and try again."


class SignInAgain(Problem):
    """The time between password and code is over."""

    code = "staff.sign_in_again"
    sentence = "This took too long. Sign in once more."


class AccountDisabled(Problem):
    """The password is right, so it may be told that the account is disabled."""

    code = "staff.account_disabled"
    sentence = "This account is disabled. Ask an administrator to enable it."


class Locked(TooMany):
    """Too many failures in a row; `minutes` is how long to wait."""

    @classmethod
    def until(cls, until: datetime, now: datetime) -> Self:
        """Return the refusal that says how long it is still locked, in whole minutes upward."""
        seconds = max(1, int((until - now).total_seconds()))
        return cls(minutes=-(-seconds // 60), retry_after=seconds)


class SignInLocked(Locked):
    """Too many failures in a row with this name."""

    code = "staff.sign_in_locked"
    sentence = "Too many tries. Sign-in with this name is locked for {minutes} more min; after that try again."


class CodesLocked(Locked):
    """Too many wrong codes in a row for this account."""

    code = "staff.codes_locked"
    sentence = "Too many tries. Codes of this account are locked for {minutes} more min; after that try again."


class CodeRefused(Refused):
    """The code is not one of now, or it was used before."""

    code = "staff.code_refused"
    sentence = "This code does not fit. Wait for the next one in the app: each is good for 30 seconds, and once."


class FactorSealedShut(Refused):
    """The secret of the second factor does not open: its key was taken out."""

    code = "staff.factor_sealed_shut"
    sentence = (
        "Codes of the app cannot be checked at the moment: their key was taken out. "
        "Use a recovery code, or ask an administrator to reset the second factor."
    )


class NoSecondFactor(Refused):
    """What was asked needs a second factor that is set up."""

    code = "staff.no_second_factor"
    sentence = "This account has no second factor yet."


class SessionNotFound(NotFound):
    """The account has no such session any more."""

    code = "staff.session_not_found"
    sentence = "This device is signed out already."
