"""Speech: texts of the catalogue with their places filled, and names, numbers, money, months and lists, in one language.

`Words("zh")("lever.demand")` is a text. `say` speaks the language in force, which a command sets once (`speaking`); a page
holds a `Words` of its own for each session.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from perpetuum.model.observed.metrics import GAIN, OF_FIRMS, unit_of
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.preset_rows import of_row
from perpetuum.model.units import date_of
from perpetuum.model.words.catalogue import LANGUAGES, catalogue
from perpetuum.model.words.numbers import alike, joined_ends, together, whole_ends

#: Under this name stand texts that are said of machines of several industries at once, as an industry's own stand under its name.
SEVERAL = "several"
#: Months of cash that are not counted: who burns so little lives off what comes in.
UNCOUNTED = 60


class Words:
    """Texts in one language. An unknown key is shown as itself, so that a page never breaks for a missing word.

    Of an industry other than AI (`model/roles.py`), texts that stand under its name come first: `telecom.sector.labs`.
    """

    def __init__(self, language: str = "en", industry: str = ""):
        self._language = language if language in LANGUAGES else "en"
        self._industry = industry

    @property
    def language(self) -> str:
        """Its code."""
        return self._language

    @property
    def industry(self) -> str:
        """Whose own words come first."""
        return self._industry

    def __call__(self, key: str, /, **places: Any) -> str:
        """The text of a key with its places filled; of "one|{n} many" or "one|both|all {n}" the part that goes with `n`."""
        texts = catalogue(self.language)
        text = texts.get(f"{self.industry}.{key}") or texts.get(key, key)
        if "n" in places:
            one, *more = text.split("|")
            text = one if places["n"] == 1 or not more else more[0] if places["n"] == 2 else more[-1]
        return text.format(**{name: _signed(value) for name, value in places.items()}) if places else text

    def knows(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in catalogue(self.language)

    # --- names --------------------------------------------------------------------------------------------------

    def firm(self, name: str) -> str:
        """An agent's id in words."""
        return self._or(f"firm.{name}", name.replace("_", " "))

    def fall(self, cause: str) -> str:
        """What a fall began with: `default:lead_lab`, `shedding:lead_lab`, `sales`."""
        kind, _, who = cause.partition(":")
        return self(f"cause.{kind}", who=self.firm(who)) if who else self(f"cause.{kind}")

    def called(self, name: str) -> str:
        """An agent within a sentence: "the lead lab"."""
        key = f"the.{name}" if self.knows(f"the.{name}") else "the.any"
        return self(key, name=self.firm(name)) if name else ""

    def parameter(self, name: str) -> str:
        """A parameter or a figure in a sentence: `demand.strength` is "demand", `lead_lab.cash` "cash of the lead lab"."""
        row = of_row(name)
        if row is not None:
            more = self("row_figure.more", id=row.id.replace("_", " ")) if row.id else ""
            return self(f"row_figure.{row.figure}", one=self.called(row.one), other=self.called(row.other), more=more)
        group, _, leaf = name.rpartition(".")
        if self.knows(f"firm.{group}"):
            figure = self._or(f"firm_figure.{leaf}", leaf.replace("_", " "))
            return self("firm_figure.of", figure=figure, who=self.called(group))
        return self._or(f"parameter.{name}", name.replace(".", " ").replace("_", " "))

    def lever(self, name: str) -> str:
        """A parameter as its slider calls it, or as a sentence does where it is no lever."""
        return self._or(f"lever.{name}", self.parameter(name))

    def setting(self, name: str, value: Any) -> str:
        """What a lever is set to."""
        value = _proper(name, value)
        if isinstance(value, bool):
            return self.level(value)
        return self._or(f"lever_choice.{value}", f"{value:g}" if isinstance(value, float) else str(value))

    def level(self, value: Any) -> str:
        """A level of a varied parameter: 0.35, loans, on."""
        if isinstance(value, bool):
            return self("level.on") if value else self("level.off")
        if isinstance(value, (int, float)):
            return f"{value:.4g}"
        return self._or(f"level.{value}", str(value).replace("_", " "))

    def gainer(self, name: str) -> str:
        """Who gains or loses: a sector, or investors of a strategy."""
        return self._or(f"gainer.{name}", self.firm(name.removesuffix("_investors")))

    def metric(self, name: str) -> tuple[str, str]:
        """What a metric is, and its unit ("" where it is not known)."""
        unit, (kind, _, firm) = unit_of(name), name.partition(":")
        if name.startswith(GAIN):
            return self("metric.gain", who=self.gainer(name.removeprefix(GAIN))), unit
        if firm and kind in OF_FIRMS:
            return self(f"metric.of_firm.{kind}", who=self.called(firm)), unit
        known = self._or(f"metric.{name.replace(':', '.')}", capital(name.replace("_", " ").replace(":", " ")))
        return known, unit

    def _or(self, key: str, otherwise: str) -> str:
        return self(key) if self.knows(key) else otherwise

    # --- numbers ------------------------------------------------------------------------------------------------

    def percent(self, part: float) -> str:
        """A share as a percentage within a sentence, which does not pretend to know more than it does."""
        if 0 < part < 0.005:
            return self("number.under_one_told")
        if round(100 * part) == 100 and part < 1:
            return self("number.over_most_told")
        whole = round(100 * part)
        return self("number.percent", number=f"{'−' if whole < 0 else ''}{abs(whole)}")

    def share(self, part: float) -> str:
        """A share as a percentage in as few characters as there are: `<1 %`, `>99 %`."""
        if round(100 * part) == 100 and part < 1:
            return self("number.over_most")
        return self("number.under_one") if 0 < part < 0.005 else self.percent(part)

    def interval(self, one: Mapping[str, float]) -> str:
        """A share (`share`, `low`, `high`) with its interval: `12 % (8–17)`; alone where the interval has no width."""
        if one["low"] == one["share"] == one["high"]:
            return self.share(one["share"])
        return self("number.interval", share=self.share(one["share"]), ends=joined_ends(one["low"], one["high"]))

    def span(self, low: float, high: float) -> str:
        """A range of shares: `8–17 %`; one number where both ends read the same."""
        return self("number.percent", number=joined_ends(low, high))

    def between(self, low: float, high: float, *, percent: bool = True) -> str:
        """A range of shares within a sentence, in per cent or in hundredths: `8 to 17 %`; one number where both read the same."""
        ends = whole_ends(low, high)
        told = ends[0] if len(ends) == 1 else self("number.between", low=ends[0], high=ends[1])
        return self("number.percent", number=told) if percent else told

    def mean_months(self, one: Mapping[str, Any], sign: int = 1) -> str:
        """Mean months (`months`, `low`, `high`) with their interval: `7.2 (4.1 to 9.9)`, `12 (−4 to 28)`, `0` of nothing at
        all; nothing where None.

        With a sign of -1 the opposite is told, months gained of months lost.
        """
        return self.several_months([one], sign)[0]

    def several_months(self, several: Sequence[Mapping[str, Any]], sign: int = 1) -> list[str]:
        """Mean months beside each other, each with its interval, all in the same digits: of several one decimal at most."""
        none = [one["months"] is None or one["months"] == one["low"] == one["high"] == 0 for one in several]
        values = [end for one, left in zip(several, none, strict=True) if not left for end in _signed_ends(one, sign)]
        whole = max(map(abs, values), default=0.0) >= 9.95
        written = iter(alike(values, 0 if whole else 1, most=3 if len(several) == 1 else 1))
        told = []
        for one, left in zip(several, none, strict=True):
            if left:
                told.append("" if one["months"] is None else "0")
                continue
            middle, low, high = (next(written) for _ in range(3))
            told.append(middle if low == high else self("ladder.months", months=middle, low=low, high=high))
        return told

    def estimate(self, one: Mapping[str, Any], sign: int = 1) -> list[str]:
        """A mean (`months`) and the ends of its interval, lower first, in the same digits; of a sign of -1 the opposite."""
        values = _signed_ends(one, sign)
        return alike(values, 0 if max(map(abs, values)) >= 9.95 else 1)

    def points(self, values: Iterable[float | None]) -> list[str]:
        """A difference of shares and the ends of its interval (where there are any) in points: `+6`, `−2`, `+14`."""
        return alike([100 * value for value in values if value is not None], 0, "+")

    def whole(self, part: float) -> str:
        """A share in per cent without the sign, as tables have it; more than nothing is `<1`, less than all `>99`."""
        return self.share(part).replace(self("number.percent", number=""), "")

    def number(self, value: float) -> str:
        """A number in three digits, thousands in full."""
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"

    def numbers(self, values: Sequence[float]) -> list[str]:
        """Numbers that stand beside each other, with as many decimals each."""
        return together(values)

    def counted(self, number: int, noun: str) -> str:
        """A number with its noun: "1 world", "8,820 worlds"."""
        return self(f"count.{noun}", n=number)

    def amount(self, value: float, unit: str) -> str:
        """A metric's value with its unit: "12 %", "$1,200bn", "33 GW"."""
        if unit.startswith("share"):
            return self(f"amount.{unit}", x=self.percent(value))
        if unit.startswith("$bn"):
            value = value * float(self("number.in_a_billion"))
        sign = "−" if value < 0 else ""
        return sign + self._filled(f"amount.{unit}", f"{self.number(abs(value))} {unit}".strip(), self.number(abs(value)))

    def _filled(self, key: str, otherwise: str, x: str) -> str:
        return self(key, x=x) if self.knows(key) else otherwise

    def money(self, bn: float) -> str:
        """Billions of dollars in two or three figures: "$3.4bn", "$1.20tn", "$30m"; in Chinese by hundreds of millions."""
        size, sign = abs(bn), "−" if bn < 0 else ""
        if size >= 1000:
            return sign + self("number.trillions", number=f"{size / 1000:.2f}")
        if 0 < size < 0.05:
            return sign + self("number.millions", number=f"{size * float(self('number.in_a_billion_small')):.0f}")
        number = size * float(self("number.in_a_billion"))
        return sign + self("number.billions", number=f"{number:.{1 if number < 10 else 0}f}")

    def cash(self, months: float) -> str:
        """Months of cash in words; five years and more are not counted."""
        if months >= UNCOUNTED:
            return self("number.plenty")
        return self("number.month" if round(months) == 1 else "number.months", months=round(months))

    # --- months and lists ---------------------------------------------------------------------------------------

    def month(self, date: datetime.date | str, *, long: bool = False) -> str:
        """The month of a date (or of `2027-10-01`): "Oct 2027", or "October 2027"."""
        day = datetime.date.fromisoformat(date) if isinstance(date, str) else date
        names = self("when.long_names" if long else "when.names").split()
        return self("when.date", name=names[day.month - 1], year=day.year)

    def month_of(self, start: datetime.date | str, month: int, *, long: bool = False) -> str:
        """A month of a run (0 is the first)."""
        return self.month(date_of(start, month), long=long)

    def listed(self, parts: Sequence[str], last: str = "and") -> str:
        """Several in a row: "the lead lab, the cloud and hyperscaler A"."""
        link = self("list.and") if last == "and" else self("list.or")
        return link.join(part for part in (self("list.comma").join(parts[:-1]), *parts[-1:]) if part)

    def sentences(self, parts: Sequence[str]) -> str:
        """Sentences one after the other."""
        return self("list.after").join(part for part in parts if part)


def _signed_ends(one: Mapping[str, Any], sign: int) -> list[float]:
    """A mean (`months`) and the ends of its interval, lower first; of a sign of -1 of the opposite."""
    return [sign * one["months"], *sorted(sign * one[end] for end in ("low", "high"))]


class _Signed(float):
    """A number with a minus sign and no hyphen below zero, and with no sign at all where it is written as nothing."""

    def __format__(self, spec: str) -> str:
        told = super().__format__(spec)
        if math.isfinite(self) and not any(digit in told for digit in "123456789"):
            return told.replace("-", "").replace("+", "")
        return told.replace("-", "−") if self < 0 else told


def _signed(value: Any) -> Any:
    return _Signed(value) if isinstance(value, float) else value


def capital(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def uncapital(label: str) -> str:
    """A label inside a sentence: its first letter small."""
    return label[:1].lower() + label[1:]


def typed(name: str, value: Any) -> str:
    """A parameter's value as a user types it, in six digits at most; a switch, however it is stored, is true or false.

    >>> typed("power.on", 1.0), typed("demand.strength", 1.0), typed("lead_lab.cash", 2.5)
    ('true', '1', '2.5')
    """
    return written(_proper(name, value))


def typed_whole(name: str, value: Any) -> str:
    """The same with all digits that were typed: what stands there sets the same again.

    >>> typed_whole("power.on", 0.0), typed_whole("demand.strength", 0.12345678), typed_whole("demand.strength", 0.1 + 0.2)
    ('false', '0.12345678', '0.3')
    """
    proper = _proper(name, value)
    return f"{proper:.15g}" if isinstance(proper, float) else written(proper)


def setting_typed(name: str, value: Any) -> str:
    """A setting as a user types it behind --set.

    >>> setting_typed("power.on", 1.0)
    'power.on = true'
    """
    return f"{name} = {typed_whole(name, value)}"


def _proper(name: str, value: Any) -> Any:
    """A parameter's value, a switch as True or False: scenarios and manifests hold it as 1.0 or 0.0."""
    if name not in PARAMETERS or PARAMETERS[name].kind != "bool":
        return value
    return {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}.get(str(value).lower(), value)


def written(value: Any) -> str:
    """A value as a user would type it, of whatever parameter (`typed` knows which are switches)."""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


# --- the language in force ----------------------------------------------------------------------------------------

_IN_FORCE: ContextVar[str] = ContextVar("language in force", default="en")
_INDUSTRY: ContextVar[str] = ContextVar("industry that is spoken of", default="")


class _Said(Words):
    """Words in whatever language is in force."""

    def __init__(self) -> None:
        super().__init__()

    @property
    def language(self) -> str:
        """The code of the language in force."""
        return _IN_FORCE.get()

    @property
    def industry(self) -> str:
        """The industry that is spoken of."""
        return _INDUSTRY.get()


#: What terminal and figures speak with.
say: Words = _Said()


def put_in_force(language: str) -> None:
    """Put a language in force for the rest of the context; a command line has a context of its own for each command."""
    _IN_FORCE.set(language)


def speak_of(industry: str) -> None:
    """Put an industry's own words first for the rest of the context."""
    _INDUSTRY.set(industry)


@contextmanager
def speaking(language: str, industry: str | None = None) -> Iterator[None]:
    """Put a language in force, and an industry's own words first (None: as before): for one command, in its own context."""
    token, spoken_of = _IN_FORCE.set(language), _INDUSTRY.set(_INDUSTRY.get() if industry is None else industry)
    try:
        yield
    finally:
        _IN_FORCE.reset(token)
        _INDUSTRY.reset(spoken_of)
