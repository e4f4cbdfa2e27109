"""Hysteresis: a lever is moved up slowly and down again; does the machine come back by the way it went?

A machine that changes with the years alone does not come back either. So three paths are told apart, all under the same
shocks: the ramp on its way up, the ramp on its way down, and worlds of the same month in which the lever stands at the same
level but never stood higher (their ramp was capped there). Down against up mixes age and memory; down against *same month,
never higher* is memory alone. Worlds in which the lever never moves give the scale.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about
from perpetuum.model.observed.outcome import trailing_mean
from perpetuum.model.observed.states import Definition
from perpetuum.model.scenario import InputError
from perpetuum.model.units import YEAR
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.asked_scenario import AskedScenario
from perpetuum.runs.questions.forked_worlds import Steered, Steering
from perpetuum.runs.questions.response_curves import draw_worlds, first_passage
from perpetuum.runs.questions.tipping import THETA, check_worlds, degrees, ordered_parameter, range_of
from perpetuum.runs.study.batches import Progress

if TYPE_CHECKING:
    import pandas as pd

RunSteered = Callable[..., Steering]

#: Levels at which the ramp is capped in an arm of its own, the lowest and the highest among them.
LEVELS = 11
#: Fewest months of a ramp up and down: faster is a shock and not a ramp.
SHORTEST = 24
RESAMPLES = 1000
#: What is followed. `vendor_revenue` against that of worlds whose lever never moves; the others as they are.
INDICATORS = ("vendor_revenue", "sentiment", "neocloud_spread", "fallen")
SERIES = ("vendor_revenue", "sentiment", "neocloud_spread")
NO_RESPONSE = "no_response"
#: What `measure` tells in levels of the lever.
PLACES = ("up", "down", "same_month", "width", "memory", "age")


@dataclass(frozen=True)
class Hysteresis(AskedScenario):
    """The question: which lever, from where to where, in how many worlds.

    Raises InputError where the parameter is no ordered lever, or the months do not suffice.
    """

    over: str = THETA
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        check_worlds(self.worlds)
        if self.over in self.overrides:
            raise InputError(f"'{self.over}' is both set and moved: leave out one of the two")
        with about("over"):
            parameter = ordered_parameter(self.scenario, self.over)
            if not parameter.lever:
                raise InputError(f"'{self.over}' cannot be moved while a world runs (see `perpetuum params --levers`)")
        low, high = range_of(parameter, self.over, self.low, self.high)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)
        room = self.scenario.judged - self.start
        if room < SHORTEST:
            raise InputError(
                f"a ramp up and down takes at least {SHORTEST} months, and the run has {max(room, 0)} after month "
                f"{self.start}, in which it would start: simulate more months, or set funding.start_month"
            )

    @property
    def caps(self) -> Array:
        """Highest level of each arm; the first never moves, the last is the whole ramp."""
        assert self.low is not None
        assert self.high is not None
        return np.linspace(self.low, self.high, LEVELS)

    def ramp(self) -> Array:
        """Level of the lever in every month simulated: up and down again over those judged, and at rest after them."""
        scenario = self.scenario
        half = (scenario.judged - self.start) // 2
        steps = np.arange(scenario.horizon) - self.start + 1
        height = np.clip(np.where(steps <= half, steps, 2 * half - steps) / half, 0.0, 1.0)
        return self.caps[0] + (self.caps[-1] - self.caps[0]) * height


@dataclass(frozen=True)
class Ramp:
    """A plan: every world follows the ramp (months,) as far as its own cap (worlds,)."""

    ramp: Array
    caps: Array
    start: int

    @property
    def first(self) -> int:
        """The first month in which the lever of any world moves."""
        return self.start

    def levels(self, month: int) -> Array:
        """Where the lever stands in this month; worlds that are never moved are left alone."""
        return np.where(self.caps > self.ramp[0], np.minimum(self.ramp[month], self.caps), np.nan)

    def take(self, places: Array) -> Ramp:
        """Return the plan of chosen worlds."""
        return Ramp(self.ramp, self.caps[places], self.start)


@dataclass
class Loop:
    """What was seen in the months judged: indicators (arms, worlds, months) by name, and which worlds there were."""

    ramp: Array
    caps: Array
    start: int
    indicators: dict[str, Array]
    replicates: Array
    failed: int
    #: Share of worlds that have fallen by the verdict: with the lever never moved, and with the whole ramp.
    fallen: tuple[float, float]

    @property
    def top(self) -> int:
        """The month in which the ramp turns."""
        return int(self.ramp.argmax())

    def months_up(self) -> Array:
        """Months of the way up, the month before the ramp included."""
        return np.arange(max(self.start - 1, 0), self.top + 1)

    def months_down(self) -> Array:
        """Months of the way down, from the turn to the end of the ramp."""
        end = self.top + int(np.argmin(self.ramp[self.top :]))
        return np.arange(self.top, end + 1)

    def month_back(self, cap: float) -> int:
        """The first month of the way down in which the ramp is at a cap or below: the capped arm stands there too."""
        down = self.months_down()
        return int(down[np.argmax(self.ramp[down] <= cap + 1e-12)])


def run(question: Hysteresis, run_steered: RunSteered, progress: Progress | None = None) -> Loop:
    """Simulate all arms under the same shocks."""
    caps, n = question.caps, question.worlds
    ramp = question.ramp()
    # A lever moved in small steps takes each at once; before the ramp it stands at the lower end.
    overrides = {**question.overrides, question.over: float(caps[0])}
    if question.over == THETA:
        overrides["funding.ramp_months"] = 1
    told = run_steered(
        Steered(
            question.preset,
            overrides,
            question.over,
            Ramp(ramp, np.tile(caps, n), question.start),
            np.repeat(np.arange(n), len(caps)),
            question.seed,
            question.months,
            SERIES,
            not question.fixed,
        ),
        progress=progress,
    )
    states = told.state.reshape(n, len(caps))
    sound = (states != "").all(axis=1)
    if not sound.any():
        raise InputError("no world could be simulated with the whole ramp: move the lever less far")
    series = {name: values.reshape(n, len(caps), -1)[sound].swapaxes(0, 1) for name, values in told.series.items()}
    default = told.core_default_month.reshape(n, len(caps))[sound].T
    indicators = {**series, "fallen": fallen(series["vendor_revenue"], default)}
    fell = (states[sound] == "fallen").mean(axis=0)
    failed = int((~sound).sum())
    ramp = ramp[: question.scenario.judged]
    return Loop(ramp, caps, question.start, indicators, np.flatnonzero(sound), failed, (float(fell[0]), float(fell[-1])))


def fallen(revenue: Array, core_default_month: Array) -> Array:
    """Which worlds lie on the ground in each month (arms, worlds, months), as 0 or 1.

    A core firm has defaulted by then, or the vendors' revenue (mean of twelve months) is at most half of its highest so far.
    """
    arms, worlds, months = revenue.shape
    smooth = trailing_mean(revenue.reshape(arms * worlds, months), YEAR)
    deep = smooth <= Definition().fallen_sales * np.maximum.accumulate(smooth, axis=1)
    broke = (core_default_month[..., None] >= 0) & (core_default_month[..., None] <= np.arange(months))
    return (deep.reshape(revenue.shape) | broke).astype(np.float64)


# --- the loop -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Paths:
    """An indicator along the three paths, mean over worlds (or a ratio of sums): what the figures draw.

    `up`, `down` (months of the way); `same_month` and `back` (caps): arms that were capped, and the ramp, in the month in
    which the ramp comes back to the cap.
    """

    up: Array
    down: Array
    same_month: Array
    back: Array


def paths(loop: Loop, name: str, weights: Array | None = None) -> Paths:
    """Follow an indicator; `weights` (worlds,): how often each world counts.

    The vendors' revenue is that of all worlds over that of the same worlds, in the same month, with the lever at rest.
    """
    values = loop.indicators[name]
    mean = np.ones(values.shape[1]) / values.shape[1] if weights is None else weights / weights.sum()
    level = np.einsum("w,awt->at", mean, values)
    if name == "vendor_revenue":
        level = level / np.where(level[0] > 0, level[0], 1.0)
    months = [loop.month_back(cap) for cap in loop.caps]
    ramp = level[-1]
    return Paths(
        ramp[loop.months_up()],
        ramp[loop.months_down()],
        np.array([level[arm, month] for arm, month in enumerate(months)]),
        ramp[months],
    )


def measure(loop: Loop, way: Paths) -> dict[str, float]:
    """Where an indicator passes the middle between rest and turn on each path, and how far apart these places are.

    `up`, `down`, `same_month`: the lever's level there (NaN: it does not); `width` = up - down, `memory` = same_month -
    down, `age` = up - same_month, with a path that never comes back taken at the lowest level; `gap`: mean over the
    inner levels of the ramp coming back less the capped arm.
    """
    start, turn = float(way.up[0]), float(way.up[-1])
    middle = (start + turn) / 2
    seen = {"gap": float((way.back - way.same_month)[1:-1].mean()), "drop": turn - start}
    if start == turn:
        return dict.fromkeys(PLACES, float("nan")) | seen
    up = first_passage(loop.ramp[loop.months_up()], way.up, middle)
    down = first_passage(loop.ramp[loop.months_down()], way.down, middle)
    same = first_passage(loop.caps, way.same_month, middle)
    back = loop.caps[0] if np.isnan(down) else down
    return {
        "up": up,
        "down": down,
        "same_month": same,
        "width": up - back,
        "memory": same - back,
        "age": up - same,
        **seen,
    }


def summarise(question: Hysteresis, loop: Loop) -> dict[str, Any]:
    """What summary.json says: the loop of every indicator with intervals, and the paths at each level."""
    scenario = question.scenario
    drawn = draw_worlds(len(loop.replicates), RESAMPLES, question.seed)
    indicators = {name: _told(loop, name, drawn) for name in INDICATORS}
    marks = degrees(scenario) if question.over == THETA else {}
    revenue = indicators["vendor_revenue"]
    up, down = loop.months_up(), loop.months_down()
    return {
        "question": "hysteresis",
        **question.told(),
        "over": question.over,
        "unit": scenario.definition.parameter(question.over).unit,
        "range": [question.low, question.high],
        "failed": loop.failed,
        "start_month": loop.start,
        "turn_month": loop.top,
        "end_month": int(down[-1]),
        "levels_up": loop.ramp[up].tolist(),
        "levels_down": loop.ramp[down].tolist(),
        "width": revenue["width"],
        "memory": revenue["memory"],
        "reason": revenue["reason"],
        "fallen": {"at_rest": loop.fallen[0], "ramp": loop.fallen[1]},
        "indicators": indicators,
        **marks,
    }


def _told(loop: Loop, name: str, drawn: Array) -> dict[str, Any]:
    """One indicator: places and widths with their 95 % intervals, and the paths at each level with the gap's interval."""
    way, ways = paths(loop, name), [paths(loop, name, weights) for weights in drawn]
    found, again = measure(loop, way), [measure(loop, one) for one in ways]
    result: dict[str, Any] = {key: _interval(found[key], [one[key] for one in again]) for key in found}
    drop = result["drop"]
    responds = drop["value"] is not None and (drop["high"] < 0 or drop["low"] > 0)
    result["reason"] = None if responds else NO_RESPONSE
    if not responds:
        for key in PLACES:
            result[key] = {"value": None, "low": None, "high": None}
    result["path_up"], result["path_down"] = way.up.tolist(), way.down.tolist()
    gaps = np.array([one.back - one.same_month for one in ways])
    result["levels"] = [
        {
            "level": float(cap),
            "month_back": loop.month_back(cap),
            "up": float(np.interp(cap, loop.ramp[loop.months_up()], way.up)),
            "back": float(way.back[k]),
            "same_month": float(way.same_month[k]),
            "gap": _interval(float(way.back[k] - way.same_month[k]), gaps[:, k].tolist()),
        }
        for k, cap in enumerate(loop.caps.tolist())
    ]
    return result


def _interval(value: float, drawn: list[float]) -> dict[str, float | None]:
    """A value and the middle 95 % of its resampled values; None where it, or one in twenty of those, is missing."""
    if np.isnan(value):
        return {"value": None, "low": None, "high": None}
    there = np.array(drawn)[~np.isnan(drawn)]
    if len(there) < 0.95 * len(drawn):
        return {"value": float(value), "low": None, "high": None}
    low, high = np.quantile(there, (0.025, 0.975))
    return {"value": float(value), "low": float(low), "high": float(high)}


def paths_table(question: Hysteresis, loop: Loop) -> pd.DataFrame:
    """One row a world, arm and month: the cap of the arm, the level of the lever, and the indicators."""
    import pandas as pd

    arms, worlds, months = loop.indicators["fallen"].shape
    caps = np.repeat(loop.caps, worlds * months)
    columns: dict[str, Any] = {
        "replicate": np.tile(np.repeat(loop.replicates, months), arms),
        "seed": question.seed,
        "cap": caps,
        "month": np.tile(np.arange(months), arms * worlds),
        question.over: np.minimum(np.tile(loop.ramp, arms * worlds), caps),
    }
    return pd.DataFrame(columns | {name: values.ravel() for name, values in loop.indicators.items()})
