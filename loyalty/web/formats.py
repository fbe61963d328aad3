"""How days, moments, money and numbers are written, the same on every page: UX "Formats"."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g, has_request_context
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup, escape

from loyalty.kernel.clock import day_at
from loyalty.kernel.money import Money, exponent
from loyalty.web.requests import request_now

NOTHING = "--"
NO_RATE = "—"
MINUS = "−"  # the sign as wide as a plus, not a hyphen
ZONE = "Asia/Shanghai"
SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "JPY": "JP¥", "HKD": "HK$"}
WEEKDAYS_ZH = "一二三四五六日"
WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
TIER_LOOKS = ("basic", "silver", "gold", "platinum", "diamond")
DAY_LONG = timedelta(days=1)
# What acts by itself, under the names that its rows carry.
AUTOMATIC = frozenset(
    {
        *("", "system", "activate", "expire", "lapse-notices", "tier-review", "plans", "reminders", "hand-over"),
        *("tidy", "audit-chain", "follow-merges", "pull"),
    }
)
NEW_ENERGY_LENGTH = 8


def page_zone() -> str:
    """Return the zone that moments are shown in: the store's that a page has chosen (`g.zone`), else the house's."""
    return str(g.get("zone", ZONE)) if has_request_context() else ZONE


def in_zone(value: datetime) -> datetime:
    """Return the moment as the clock on the wall shows it."""
    return value.astimezone(ZoneInfo(page_zone()))


def today() -> date:
    """Return the day of this request in the page's zone."""
    return day_at(request_now(), page_zone())


def day(value: date | datetime | None) -> str:
    """Return 2026-03-12; of a moment, its day in the page's zone."""
    if value is None:
        return NOTHING
    return (in_zone(value).date() if isinstance(value, datetime) else value).isoformat()


def day_text(value: date | datetime | None) -> str:
    """Return 3 月 12 日 周四 or Thu 12 Mar, with the year when it is not this one."""
    if value is None:
        return NOTHING
    that = in_zone(value).date() if isinstance(value, datetime) else value
    other_year = has_request_context() and that.year != today().year
    if str(get_locale()) == "en":
        text = f"{WEEKDAYS_EN[that.weekday()]} {that.day} {MONTHS_EN[that.month - 1]}"
        return f"{text} {that.year}" if other_year else text
    text = f"{that.month} 月 {that.day} 日 周{WEEKDAYS_ZH[that.weekday()]}"
    return f"{that.year} 年 {text}" if other_year else text


def moment(value: datetime | None) -> str:
    """Return 2026-03-12 14:08 in the page's zone."""
    return NOTHING if value is None else f"{in_zone(value):%Y-%m-%d %H:%M}"


def clock_time(value: datetime | None) -> str:
    """Return 14:08 in the page's zone."""
    return NOTHING if value is None else f"{in_zone(value):%H:%M}"


def when(value: datetime | None) -> Markup:
    """Return a `<time>`: relative within 24 hours either way, with the exact moment as its title; else the moment."""
    if value is None:
        return escape(NOTHING)
    exact = moment(value)
    shown = _relative(value - request_now()) or exact
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), exact, shown)


def _relative(ahead: timedelta) -> str | None:
    if abs(ahead) >= DAY_LONG:
        return None
    minutes = int(abs(ahead).total_seconds()) // 60
    if minutes == 0:
        return str(gettext("just now"))
    past = ahead < timedelta(0)
    if minutes < 60:  # noqa: PLR2004 - minutes of an hour
        if past:
            return str(ngettext("%(num)d minute ago", "%(num)d minutes ago", minutes))
        return str(ngettext("in %(num)d minute", "in %(num)d minutes", minutes))
    if past:
        return str(ngettext("%(num)d hour ago", "%(num)d hours ago", minutes // 60))
    return str(ngettext("in %(num)d hour", "in %(num)d hours", minutes // 60))


def money(value: Money | None) -> str:
    """Return ¥1,234.00, an amount below zero as −¥5.00."""
    if value is None:
        return NOTHING
    digits = exponent(value.currency)
    whole, part = divmod(abs(value.minor), 10**digits)
    symbol = SYMBOLS.get(value.currency, f"{value.currency} ")
    text = f"{symbol}{whole:,}.{part:0{digits}d}" if digits else f"{symbol}{whole:,}"
    return f"{MINUS}{text}" if value.minor < 0 else text


def number(value: float | None) -> str:
    """Return 8,420, or −1,200 below zero; a number with decimals keeps at most two."""
    if value is None:
        return NOTHING
    text = f"{abs(value):,}" if isinstance(value, int) else f"{abs(value):,.2f}".rstrip("0").rstrip(".")
    return f"{MINUS}{text}" if value < 0 else text


def signed(value: int | None) -> str:
    """Return +486 or −1,200; 0 has no sign."""
    if value is None:
        return NOTHING
    return f"+{number(value)}" if value > 0 else number(value)


def rate(part: float | None, whole: float | None) -> str:
    """Return `part` of `whole` as 12.5 %; a dash when there is nothing to be part of."""
    if part is None or whole is None:
        return NOTHING
    return NO_RATE if whole == 0 else f"{100 * part / whole:.1f} %"


def share_of(part: float | None, whole: float | None) -> str:
    """Return `part` of `whole` in whole per cent, at most 100: the words inside a progress bar."""
    if not part or not whole:
        return "0%"
    return f"{min(100, int(100 * part / whole))}%"


def grouped(value: str | int | None) -> str:
    """Return a long number in groups of four from the left: 6688 0012 8450."""
    text = NOTHING if value is None else str(value)
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def plate(value: str | None) -> str:
    """Return a number plate with its dot: 粤A·0X12D."""
    if not value:
        return NOTHING
    return f"{value[:2]}·{value[2:]}" if value[2:] and "·" not in value else value


def by_whom(name: str | None) -> str:
    """Return who did something: a person or a program by its name, work that runs by itself just as that."""
    return str(gettext("automatic")) if (name or "") in AUTOMATIC else str(name)


def tier_look(code: str | None) -> str:
    """Return which of the five looks a level of that code has; codes of our own making look basic."""
    return code if code in TIER_LOOKS else "basic"


def present(value: object) -> str:
    """Return what a field shows: nothing for None."""
    return "" if value is None else str(escape(value)) if isinstance(value, Markup) else str(value)


def init_app(app: Flask) -> None:
    """Give templates the filters of this module, and `now` and `today`."""
    filters = (day, day_text, moment, clock_time, when, money, number, signed, rate, share_of, grouped, plate)
    for filter_ in (*filters, by_whom, tier_look, present):
        app.add_template_filter(filter_)
    app.add_template_filter(number, "points")
    app.add_template_global(request_now, "now")
    app.add_template_global(today)
