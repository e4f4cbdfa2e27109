"""Worlds by description: a batch of worlds is a pure function of its description, whatever machine it runs on.

A world is known by its parameters, its replicate (which shocks it lives through), the seed and the number of months. How
worlds are put together into batches changes nothing in them, so that a study may be cut, sent away and put together again.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import InputError, about, hides_an_interrupt, nearest
from perpetuum.model.given import as_given, is_a_list, is_whole
from perpetuum.model.observed.firm_defaults import measures as measures_of_firms
from perpetuum.model.parameters import Parameter
from perpetuum.model.scenario import LONGEST, MOST, MOST_WORLDS, Scenario, load_preset, months_to_simulate, names_of_series
from perpetuum.model.uncertainty import draw
from perpetuum.model.worlds import Array, Floats
from perpetuum.runs.study.executors import TOGETHER, cut, open_engine
from perpetuum.runs.study.fingerprint import OnTheSameProgram
from perpetuum.runs.study.measures import KEPT, measured, verdict_columns

if TYPE_CHECKING:
    import concurrent.futures

    import pandas as pd
    import pyarrow as pa

Progress = Callable[[int, int], None]

#: Sees an economy each time it has finished a month: the economy, and the places of its worlds in the batch.
Observer = Callable[[Any, Array], None]

#: Investors in a strategy above which batches shrink, so that memory does not grow with the populations.
CROWD = 200
#: Worlds of a batch that is cleared away as soon as it is done.
MANY = 64


@dataclass(frozen=True)
class Batch:
    """Description of some worlds of a study: small, picklable, and all that it takes to simulate them.

    `overrides` hold for all worlds; `varied` maps names to one value a world; `worlds` are their numbers in the study,
    `replicates` the shocks that each lives through. `months`: judged; eleven more are simulated. `draws`: what the preset calls
    unknown, and nobody fixes or varies, is drawn for each world by its replicate. `luck`: other shocks and
    draws than the replicate's, one number a world. `series`: columns wanted, `()` none, None all.
    """

    preset: str
    overrides: Mapping[str, Any]
    varied: Mapping[str, Sequence[Any]]
    worlds: Sequence[int]
    replicates: Sequence[int]
    seed: int = 1
    months: int | None = None
    series: Sequence[str] | None = ()
    agent_classes: Mapping[str, type] | None = None  # classes of the user's own by role
    draws: bool = False
    luck: Sequence[int] | None = None

    def take(self, places: Sequence[int]) -> Batch:
        """Return the description of the worlds at chosen places of this batch."""
        return replace(
            self,
            varied={name: [values[place] for place in places] for name, values in self.varied.items()},
            worlds=[self.worlds[place] for place in places],
            replicates=[self.replicates[place] for place in places],
            luck=None if self.luck is None else [self.luck[place] for place in places],
        )

    def unknowns(self) -> dict[str, Floats]:
        """What is drawn for the worlds: name to (worlds,)."""
        if not self.draws:
            return {}
        open_ = [one for one in load_preset(self.preset).unknowns if one.name not in {**self.overrides, **self.varied}]
        return draw(open_, self.seed, self.shocks)

    @property
    def shocks(self) -> Array:
        """Which shocks and draws each world has (worlds,)."""
        return np.asarray(self.replicates if self.luck is None else self.luck, dtype=np.int64)


@dataclass(frozen=True)
class Result:
    """A simulated batch: a row a world, and a row a world and month of the series asked for (None: none were)."""

    worlds: pa.Table
    series: pa.Table | None


def check(batch: Batch) -> None:
    """Find out what is wrong with a description without simulating it; each distinct value is looked at once.

    Raises InputError: unknown names, values out of range, lengths that differ, a name both fixed and varied.
    """
    if not len(batch.worlds):
        raise InputError("a study needs at least one world, and this one has none")
    kinds = {name: load_preset(batch.preset).parameter(name) for name in batch.varied}
    for name, values in {**batch.varied, "replicates": batch.replicates}.items():
        if not is_a_list(values):
            raise InputError(f"'{name}' must be a list with one value a world, not {as_given(values)}")
        if len(values) != len(batch.worlds):
            raise InputError(f"'{name}' has {len(values)} values for {len(batch.worlds)} worlds: give one a world")
    for replicate in batch.replicates:
        if not is_whole(replicate) or not 0 <= replicate <= MOST:
            raise InputError(f"a replicate is a whole number of at least 0 and at most {MOST}, not {as_given(replicate)}")
    for name, values in batch.varied.items():
        if name in batch.overrides:
            raise InputError(f"'{name}' is both fixed and varied")
        known: set[Any] = set()
        for value in values:
            if not isinstance(value, Hashable) or value not in known:
                kinds[name].check_as(name, value)
                known.add(value)
    check_months(batch.months)
    check_seed(batch.seed)
    for places in _alike(batch, kinds):
        _scenario(batch.take(places.tolist()))  # what each is allowed by itself may not be together


def check_months(months: int | None) -> None:
    """Refuse what is no number of months to judge (None: the preset's)."""
    if months is not None and (not is_whole(months) or not 1 <= months <= LONGEST):
        raise InputError(f"months must be a whole number from 1 to {LONGEST}, not {as_given(months)}", "months")


def check_seed(seed: int) -> None:
    """Refuse what is no seed, or one that tables do not hold; an economy without tables takes larger ones."""
    if not is_whole(seed) or not 0 <= seed <= MOST:
        raise InputError(f"seed must be a whole number of at least 0 and at most {MOST}, not {as_given(seed)}", "seed")


def make_economy(scenario: Scenario, agent_classes: Mapping[str, type] | None = None) -> Any:
    """Build the economy (a seam for tests)."""
    from perpetuum.model.economy import Economy

    return Economy(scenario, agent_classes=agent_classes)


def run_batch(batch: Batch, observer: Observer | None = None) -> Result:
    """Simulate the worlds of a batch; one that fails is a row with its `error`, and the others do not notice.

    An observer wants all worlds: with one, a failure is raised.
    """
    definition = load_preset(batch.preset)
    kinds = {name: definition.parameter(name) for name in batch.varied}
    told = _Told(len(batch.worlds))
    for places in _alike(batch, kinds):
        _simulate(batch, places, told, observer)
    if not told.columns:
        # All worlds failed: their rows have the columns that any other row has.
        probe = _Told(1)
        _simulate(replace(batch, overrides={}, varied={}, worlds=[0], replicates=[0], months=1), np.arange(1), probe)
        told.columns = {name: np.full(told.size, _nothing(column), column.dtype) for name, column in probe.columns.items()}
    return Result(_worlds_table(batch, kinds, told), _series_table(batch, told))


def run_worlds(
    preset: str = "ono_2025",
    *,
    overrides: Mapping[str, Any] | None = None,
    varied: Mapping[str, Sequence[Any]] | None = None,
    replicates: Sequence[int],
    seed: int = 1,
    months: int | None = None,
    series: Sequence[str] | None = (),
    workers: int = 1,
    scheduler: str | None = None,
    batch: int | None = None,
    progress: Progress | None = None,
    executor: concurrent.futures.Executor | None = None,
    agent_classes: Mapping[str, type] | None = None,
    draws: bool = False,
) -> pd.DataFrame:
    """Simulate worlds and return a row for each, in the order given; the rows of `sweep`'s worlds.parquet.

    `varied` holds one value a world under each name, `replicates` the shocks of each. With `series` the rows are those of
    the worlds' months instead: `world`, `replicate`, the varied parameters, `verdict` (the state at the last month judged),
    `month`, `date` and the series.
    `months`: judged. `draws`: what the preset calls unknown is drawn for each world by its replicate.
    `workers`: processes (1: this one); instead `scheduler`, address of Dask's, or `executor`, any of `concurrent.futures`.
    `agent_classes`: as in `Economy`, in this process only.
    Raises InputError.
    """
    import pyarrow as pa

    if not is_a_list(replicates) or len(replicates) > MOST_WORLDS:
        raise InputError(f"replicates must be a list, a number a world, {MOST_WORLDS:,} at most, not {as_given(replicates)}")
    asked = Batch(
        preset,
        dict(overrides or {}),
        dict(varied or {}),
        range(len(replicates)),
        replicates,
        seed,
        months,
        series,
        agent_classes,
        draws,
    )
    if agent_classes and (workers != 1 or scheduler is not None or executor is not None):
        raise InputError(
            "agents' classes of your own do not reach other processes: simulate with workers=1, and no executor"
        )
    check(asked)
    total, done = len(replicates), 0
    results: dict[int, Result] = {}
    with open_engine(workers, scheduler=scheduler, executor=executor) as engine:
        tasks = ((first, asked.take(range(first, last))) for first, last in cut([(0, total)], engine.workers, batch))
        simulate = OnTheSameProgram.as_here(run_batch, preset) if scheduler or str(preset).endswith(".toml") else run_batch
        for first, result in engine.run(simulate, tasks):
            results[first] = result
            done += result.worlds.num_rows
            if progress is not None:
                progress(done, total)
    ordered = [results[first] for first in sorted(results)]
    worlds = pa.concat_tables([result.worlds for result in ordered]).to_pandas()
    if not _series_of(asked):
        return worlds
    months_of = pa.concat_tables([result.series for result in ordered if result.series is not None]).to_pandas()
    about = worlds[["world", "replicate", *asked.varied, "state"]].rename(columns={"state": "verdict"})
    return about.merge(months_of, on="world")


# --- simulating ---------------------------------------------------------------------------------------------


@dataclass
class _Told:
    """What the worlds of a batch told, by their places in it; places that failed have an error instead."""

    size: int
    columns: dict[str, Array] = field(default_factory=dict)
    series: dict[str, Array] = field(default_factory=dict)
    dates: list[Any] = field(default_factory=list)
    errors: dict[int, str] = field(default_factory=dict)

    def put(self, places: Array, columns: Mapping[str, Array], series: Mapping[str, Array]) -> None:
        for told, news in ((self.columns, columns), (self.series, series)):
            for name, values in news.items():
                if name not in told:
                    kind = np.dtype(object) if values.dtype.kind in "UO" else values.dtype
                    told[name] = np.full((self.size, *values.shape[1:]), _nothing(values), kind)
                told[name][places] = values


def _nothing(values: Array) -> Any:
    """What stands in a column where a world failed."""
    return "" if values.dtype.kind in "UO" else -1 if values.dtype.kind == "i" else np.nan


@about("series")
def _series_of(batch: Batch) -> tuple[str, ...]:
    """Names of the series that the batch's table has."""
    names = names_of_series(batch.series)
    if names == ():
        return ()  # before anything heavy is loaded, in a process that simulates nothing itself
    from perpetuum.model.observed.measures import MEASURES, SERIES

    if names is None:
        return tuple(SERIES)
    for name in names:
        if name not in MEASURES:
            near = nearest(name, list(MEASURES))
            raise InputError(f"unknown series '{name}'{near} (`perpetuum params --series` lists them all)")
    return tuple(dict.fromkeys(names))


def _alike(batch: Batch, kinds: Mapping[str, Parameter]) -> Iterator[Array]:
    """Places of worlds that can be simulated together: equal in what shapes a whole batch, and not too many at once."""
    shaping = [name for name, parameter in kinds.items() if parameter.structural]
    groups: dict[tuple[Any, ...], list[int]] = {}
    for place in range(len(batch.worlds)):
        groups.setdefault(tuple(batch.varied[name][place] for name in shaping), []).append(place)
    for places in groups.values():
        crowd = _scenario(batch.take(places[:1])).values["investors.per_strategy"]
        size = max(1, TOGETHER * CROWD // max(CROWD, crowd))
        for first in range(0, len(places), size):
            yield np.array(places[first : first + size])


def _scenario(batch: Batch) -> Scenario:
    definition = load_preset(batch.preset)
    varied = {
        name: values[0] if definition.parameter(name).structural else list(values) for name, values in batch.varied.items()
    }
    return Scenario(
        preset=batch.preset,
        overrides={**batch.overrides, **batch.unknowns(), **varied},
        worlds=len(batch.worlds),
        seed=batch.seed,
        months=months_to_simulate(batch.months),
        replicates=batch.shocks,
        series=tuple(dict.fromkeys((*_series_of(batch), *KEPT))),
    )


def _simulate(batch: Batch, places: Array, told: _Told, observer: Observer | None = None) -> None:
    """Simulate the worlds at these places; without those that fail, the others are simulated again."""
    while len(places):
        failure = _attempt(batch, places, told, observer)
        if len(places) >= MANY:
            # An economy refers to itself in places: left to itself, Python would keep several of them, at 0.4 GB each.
            gc.collect()
        if failure is None:
            return
        text, mask = failure
        if mask is None and len(places) > 1:
            # Nobody says which world it was: look for it in both halves.
            middle = len(places) // 2
            _simulate(batch, places[:middle], told)
            places = places[middle:]
            continue
        fallen = np.ones(len(places), dtype=bool) if mask is None else mask
        told.errors.update(dict.fromkeys(places[fallen].tolist(), text))
        places = places[~fallen]


def _attempt(batch: Batch, places: Array, told: _Told, observer: Observer | None) -> tuple[str, Array | None] | None:
    """Simulate once; returns the error and the worlds that it befell (None: not known), or nothing if all went well."""
    economy: Any = None
    scenario = _scenario(batch.take(places.tolist()))
    try:
        economy = make_economy(scenario, batch.agent_classes) if batch.agent_classes else make_economy(scenario)
        reckoning: Mapping[str, Array] = {}
        for month in range(1, scenario.horizon + 1):
            economy.step()
            if month == scenario.judged:  # the months after it do nothing but confirm
                reckoning = economy.reckoning()
            if observer is not None:
                observer(economy, places)
        judged = slice(0, scenario.judged)
        series = economy.series
        of_judged = [{name: values[:, judged] for name, values in of.items()} for of in (series, economy.core_events)]
        firms = economy.firm_defaults
        measures = measured(*of_judged) | measures_of_firms(firms.names, firms.told(scenario.judged))
        columns = verdict_columns(economy.outcome(), measures, reckoning)
        told.put(places, columns, {name: series[name] for name in _series_of(batch)})
        told.dates = economy.dates
    except (InputError, OSError, MemoryError):
        raise
    except Exception as error:
        if hides_an_interrupt(error):
            raise KeyboardInterrupt from error
        if observer is not None:
            raise
        # The text must not depend on the company in which the world was simulated.
        when = "in the opening" if economy is None else f"in month {economy.month}, {economy.ledger.phase}"
        mask = np.asarray(getattr(error, "mask", None))
        if mask.shape == places.shape and mask.any():
            return f"{type(error).__name__} {when}", mask.astype(bool)
        return f"{type(error).__name__} {when}: {' '.join(str(error).split())}", None
    return None


# --- tables -------------------------------------------------------------------------------------------------


def _worlds_table(batch: Batch, kinds: Mapping[str, Parameter], told: _Told) -> pa.Table:
    import pyarrow as pa

    types = {"float": pa.float64(), "int": pa.int64(), "bool": pa.bool_(), "choice": pa.string()}
    columns: dict[str, Any] = {
        "world": pa.array(list(batch.worlds), pa.int64()),
        "replicate": pa.array(list(batch.replicates), pa.int64()),
        "seed": pa.array([batch.seed] * told.size, pa.int64()),
    }
    for name, parameter in kinds.items():
        checked = parameter.check_each(name, batch.varied[name])
        columns[name] = pa.array([bool(v) for v in checked] if parameter.kind == "bool" else checked, types[parameter.kind])
    columns |= {name: pa.array(values, pa.float64()) for name, values in batch.unknowns().items()}
    for name, values in told.columns.items():
        columns[name] = pa.array(values.tolist(), pa.string()) if values.dtype.kind in "UO" else pa.array(values)
    columns["error"] = pa.array([told.errors.get(place, "") for place in range(told.size)], pa.string())
    return pa.table(columns)


def _series_table(batch: Batch, told: _Told) -> pa.Table | None:
    import pyarrow as pa

    names = _series_of(batch)
    if not names:
        return None
    there = np.array([place for place in range(told.size) if place not in told.errors], dtype=np.int64)
    months = len(told.dates) if len(there) else 0
    columns: dict[str, Any] = {
        "world": pa.array(np.repeat(np.asarray(batch.worlds, dtype=np.int64)[there], months)),
        "month": pa.array(np.tile(np.arange(months, dtype=np.int32), len(there))),
        "date": pa.array(told.dates * len(there) if months else [], pa.date32()),
    }
    for name in names:
        values = told.series[name][there].ravel() if months else np.empty(0)
        columns[name] = pa.array(values, pa.float64())
    return pa.table(columns)
