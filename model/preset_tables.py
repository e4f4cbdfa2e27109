"""The tables of a preset's file: what each may hold, and how its numbers, whole months, sources and dates are read.

A figure is a number, or a table of it with its source, the period that it is of and the day by which it was public:

    revenue = { value = 13, source = "run-rate", date = "2025-08-31", public = "2025-09-02" }

Dates are YYYY, YYYY-MM or YYYY-MM-DD. Everything here raises InputError, in one sentence.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any

from perpetuum.model.errors import InputError, nearest, printable, shortened
from perpetuum.model.given import as_given
from perpetuum.model.parameters import PARAMETERS, Parameter

#: What a figure's table may say.
FIGURE = ("value", "source", "date", "public")
#: Of a preset's sections, those that are tables of named entries, and those that are lists of tables.
TABLES = ("parameters", "forcing", "before", "uncertain")
LISTS = ("agents", "contracts", "stakes")
#: Names that no agent may have: the groups of parameters, accounts that the model opens itself, and investors' strategies.
TAKEN = {
    *(name.partition(".")[0] for name in PARAMETERS),
    *(name.removeprefix("investors.").removesuffix("_turnover") for name in PARAMETERS if name.endswith("_turnover")),
}

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


# --- shapes -----------------------------------------------------------------------------------------------------------


def check_shape(data: Mapping[str, Any], where: str) -> None:
    """Refuse a section that is no table, or no list of tables where it has to be one, and names that are no texts."""
    for section in TABLES:
        table_of(data.get(section, {}), f"'{section}' {where}")
    for section in LISTS:
        rows = data.get(section, [])
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise InputError(f"'{section}' {where} must be written as [[{section}]], a table for each, not {as_given(rows)}")
        for row in rows:
            for party in ("buyer", "seller", "holder", "issuer"):
                text_of(row, party, f"in '{section}' {where}")
    for agent in data.get("agents", []):
        if "id" not in agent:
            raise InputError(f"an agent {where} has no 'id'")
        text_of(agent, "id", f"of an agent {where}")
        table_of(agent.get("figures", {}), f"'figures' of agent {as_given(agent['id'])} {where}")


def table_of(entry: Any, what: str) -> Mapping[str, Any]:
    """A table, or a refusal of what is none."""
    if not isinstance(entry, Mapping):
        raise InputError(f"{what} must be a table, not {as_given(entry)}")
    return entry


def check_keys(entry: Mapping[str, Any], allowed: Sequence[str], what: str) -> None:
    """Refuse a key that does not belong there, with the nearest that does."""
    for key in entry:
        if key not in allowed:
            raise InputError(f"unknown entry '{key}' {what}: allowed are {', '.join(allowed)}{nearest(key, allowed)}")


def text_of(entry: Mapping[str, Any], key: str, what: str, default: str = "") -> str:
    """A text."""
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise InputError(f"'{key}' {what} must be a text, not {as_given(value)}")
    if not all(letter.isprintable() or letter in "\n\t" for letter in value):
        raise InputError(
            f"'{key}' {what} has letters that steer a terminal, '{shortened(printable(value))}': leave them out"
        )
    return value


def checked_id(entry: Mapping[str, Any], where: str) -> str:
    """An agent's id: letters, digits and underscores, and nobody else's name."""
    name = checked_word(entry["id"], f"an agent's 'id' {where}")
    if name in TAKEN:
        raise InputError(f"no agent {where} may be called '{name}', which names something else of the model")
    return name


def checked_word(name: Any, what: str) -> str:
    """A name of letters, digits and underscores."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z]\w*", name):
        raise InputError(f"{what} must be letters, digits and underscores, not {as_given(name)}")
    return name


def number_of(entry: Mapping[str, Any], key: str, parameter: Parameter, what: str) -> Any:
    """A number, switch or whole number within a parameter's range; its default where it is not given."""
    value = parameter.check(entry.get(key, parameter.default), what)
    return bool(value) if parameter.kind == "bool" else value


def numbers_of(entry: Any, what: str, parameter: Parameter) -> tuple[float, ...]:
    """The `values` of a table, or a list itself: numbers within a parameter's range."""
    values = entry.get("values") if isinstance(entry, Mapping) else entry
    if not isinstance(values, list) or not values:
        raise InputError(f"{what} must have a list of 'values', not {as_given(entry)}")
    return tuple(float(parameter.check(value, f"in {what}")) for value in values)


# --- figures, sources and dates ---------------------------------------------------------------------------------------


def figure_of(entry: Any, what: str) -> tuple[Any, str]:
    """A figure's value, and its source with its dates in words."""
    if not isinstance(entry, Mapping):
        return entry, ""
    check_keys(entry, FIGURE, f"of {what}")
    if "value" not in entry:
        raise InputError(f"{what} has no 'value'")
    return entry["value"], told_source(entry, what)


def told_source(entry: Mapping[str, Any], what: str) -> str:
    """`source (period, public on a day)` of a table; the day alone where it ends the period."""
    source, (date, public) = text_of(entry, "source", f"of {what}"), dates_of(entry, what)
    told = ", ".join([*([date] if date else []), *([f"public {public}"] if public and public != date else [])])
    return f"{source} ({told})" if source and told else source or told


def dates_of(entry: Mapping[str, Any], what: str) -> tuple[str, str]:
    """Period and day of publication as written ("" where not given); nothing is public before its period has ended.

    A plan or a guidance is of the day on which it was announced.
    """
    date, public = (_date_text(entry.get(key, ""), key, what) for key in ("date", "public"))
    if date and public and last_day(public) < last_day(date):
        raise InputError(
            f"{what} was public by {public}, before the period that it is of ({date}) had ended: "
            "a plan or an expectation is of the day on which it was announced"
        )
    return date, public


def _date_text(value: Any, key: str, what: str) -> str:
    text = value.isoformat() if type(value) is datetime.date else value
    if text != "" and (not isinstance(text, str) or _day(text) is None):
        raise InputError(f"'{key}' of {what} must be a date such as 2025, 2025-09 or 2025-09-30, not {as_given(value)}")
    return text


def _day(text: str) -> datetime.date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else 0 for part in match.groups())
    try:
        month = month or 12
        return datetime.date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError):
        return None


def last_day(text: str) -> datetime.date:
    """The last day of a year, a month, or a day itself."""
    day = _day(text)
    assert day is not None, text
    return day
