"""What a plan would give for an example: each step of each trigger on its day, and why."""

from datetime import date

from loyalty.kernel.actor import EVERYTHING
from loyalty.kernel.errors import Sentence
from loyalty.programme.rules import forms as f
from loyalty.programme.rules import is_published
from loyalty.staff.queries import stores
from loyalty.tasks.rules import StoreDays
from loyalty.visits.queries.days import days_of_stores
from loyalty.visits.queries.inspections import window_months
from loyalty.visits.rules import CHANNEL_TEXTS, INSPECTION, TRIGGER_TEXTS, Due, Fact, Template, first_day, plan_dates

HEADS = ("Begins with", "Step", "Day", "How", "Why this day")


def sample_of(template: Template, day: date) -> f.Sample:
    """Return the days of all steps if each trigger were on this day, by the calendar of the first store."""
    store = next(iter(stores(EVERYTHING)), None)
    opens = first_day(day, window_months(day) or 0)
    days = days_of_stores({store.id}, opens, day + template.longest)[store.id] if store else StoreDays()
    rows = []
    for trigger, text in TRIGGER_TEXTS.items():
        fact = Fact(trigger, day, opens=opens if trigger == INSPECTION else None)
        rows += [_row(text, due) for due in plan_dates(template, fact, [], days)]
    about = "If it were on {day}, by the calendar of {store}:" if store else "If it were on {day}:"
    named = {"store": f.Raw(store.name)} if store else {}
    told: list[f.Phrase] = [Sentence(about, day=day, **named)]
    years = sorted({last.year for row in rows for last in row if isinstance(last, date)})
    told += [
        Sentence("The holidays of {year} are not published yet: only weekends were taken into account.", year=year)
        for year in years
        if not is_published(year)
    ]
    return f.Sample(f.Together(told), HEADS, tuple(rows))


def _row(trigger: str, due: Due) -> tuple[f.Phrase, ...]:
    name = {"zh": due.step.name_zh, "en": due.step.name_en}
    why = f.Together(Sentence(one.sentence, **one.values) for one in due.why)
    return (Sentence(trigger), name, due.first, Sentence(CHANNEL_TEXTS[due.step.channel]), why)
