"""Which lists have filters that can be saved, and what of an address is one."""

from collections.abc import Mapping
from urllib.parse import urlencode

from loyalty.kernel.errors import Malformed, NotFound, Refused

LISTS: Mapping[str, str] = {
    "tasks": "/staff/today",
    "customers": "/staff/customers",
    "messages": "/staff/messages",
}
"""The lists by their codes, with their addresses."""

LONGEST_NAME = 40
LONGEST_QUERY = 1_000
MOST = 30
PASSING = frozenset({"cursor", "task", "print", "lang", "saved"})
"""Words of an address that are no filter: where one stands in the list, and how it is shown."""


class FilterNotFound(NotFound):
    """There is no such filter, or it is neither one's own nor shared with one's stores."""

    code = "saved.not_found"
    sentence = "There is no saved filter {number} here."


class TooManyFilters(Refused):
    """The person has as many filters of the list as one may have."""

    code = "saved.too_many"
    sentence = "There are {most} saved filters of this list already. Remove one of them."


class FilterOfAnother(Refused):
    """Only who saved a filter changes it."""

    code = "saved.of_another"
    sentence = "Only who saved this filter can remove it."


def as_query(asked: Mapping[str, str]) -> str:
    """Return what of an address is a filter, as it stands behind the ?; malformed above 1,000 characters."""
    query = urlencode(sorted((name, value) for name, value in asked.items() if value and name not in PASSING))
    if len(query) > LONGEST_QUERY:
        raise Malformed({"name": ["This filter is too long to be saved."]})
    return query


def check_name(name: str) -> str:
    """Return the name; malformed when empty or above 40 characters."""
    told = name.strip()
    if not 0 < len(told) <= LONGEST_NAME:
        raise Malformed({"name": ["Give a name of 1 to 40 characters."]})
    return told


def check_list(code: str) -> str:
    """Return the code of a list; malformed when there is none of it."""
    if code not in LISTS:
        raise Malformed({"list": ["There is no such list."]})
    return code
