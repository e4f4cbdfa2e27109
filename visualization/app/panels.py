"""Which charts the tabs show, and what of a session goes into them: plain data, without a browser.

A `Line` is a series read in a way and a unit; a `Chart` is lines on one axis. `panel_data` is what changes month by month,
`plan` what a chart says in words. All values are rounded to what can be seen.
"""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from perpetuum.model.observed.measures import MEASURES
from perpetuum.model.parameters import PARAMETERS
from perpetuum.model.words.speech import Words
from perpetuum.model.worlds import Array, Floats, share, total
from perpetuum.visualization.app.session import TWIN, WATCHED, Session
from perpetuum.visualization.figures.palette import DYE_COLOURS, DYE_ORDER, INK, STATE_COLOURS

#: Lines of one chart are told apart by their labels; the second and third are lighter, never of another hue.
INKS = (INK, "#776D63", "#B0A597")


@dataclass(frozen=True)
class Line:
    """A series of the economy as a line: `where` it is kept, how it is read, and `scale` times its own unit.

    `where`: the collector's "values" (series), "facts" (of the verdict) or "dyes"; or "odds": the share of the background worlds
    that are in one of the states `parts`.

    `reading`: "level" as it is, "index" with 100 in the first month, "sum" of all months so far, "year" a share of
    the vendors' revenue over the months that the measures look at, "start" over all months so far, as on the dials.
    """

    key: str
    name: str = ""
    where: str = "values"
    reading: str = "level"
    scale: float = 1.0
    digits: int = 2
    colour: str = ""
    banded: bool = True
    bracket: tuple[Line, Line] | None = None  # two extreme readings, shaded around it
    parts: tuple[str, ...] = ()
    ends: bool = False  # with the lead lab's first default

    @property
    def series(self) -> str:
        """Name of the series."""
        return self.name or self.key


@dataclass(frozen=True)
class Chart:
    """Lines on one axis. `unit`: key of its words; `kind`: "lines" or "stack"; `reference`: a level that means something.

    `most`: values beyond are drawn at it (a runway of ten years says that nothing is burnt). `whole`: what a stack always adds up
    to, where it is shares of something.
    """

    key: str
    unit: str
    lines: tuple[Line, ...]
    kind: str = "lines"
    log: bool = False
    least: float | None = 0.0
    most: float | None = None
    reference: float | None = None
    total: str = ""  # banded line that is the sum of a stack
    whole: float | None = None


def _dyes() -> tuple[Line, ...]:
    return tuple(Line(f"dye_{dye}", dye, "dyes", colour=DYE_COLOURS[dye], banded=False) for dye in DYE_ORDER)


def _share_of_worlds(name: str, *states: str) -> Line:
    """A band of the odds over time, in the colour of its first state."""
    return Line(f"odds_{name}", where="odds", scale=100.0, colour=STATE_COLOURS[states[0]], banded=False, parts=states)


#: Units of axes: the units of series that may stand on them, and by how much these are multiplied. On an index all may.
AXES: dict[str, dict[str, float]] = {
    "bn_month": {"$bn a month": 1.0},
    "bn": {"$bn": 1.0},
    "tn": {"$bn": 1e-3},
    "bn_gw": {"$bn per GW": 1.0},
    "gpu_hour": {"$ per chip-hour": 1.0},
    "ounce": {"$ an ounce": 1.0},
    "percent_of_revenue": {"share of revenue": 100.0},
    "percent_year": {"per year": 100.0},
    "months": {"months": 1.0},
    "opinion": {"from -1 to 1": 1.0},
    "correlation": {"correlation": 1.0},
    "ratio": {"ratio": 1.0},
    "firms": {"firms": 1.0},
    "gw": {"GW": 1.0},
    "kilotonnes": {"t": 1e-3},
}


def _drawn(line: Line, unit: str) -> Line:
    """A line in the unit of its axis."""
    if line.where != "values" or line.reading == "index":
        return line
    bracket = (_drawn(line.bracket[0], unit), _drawn(line.bracket[1], unit)) if line.bracket else None
    return replace(line, scale=AXES[unit][MEASURES[line.series].unit], bracket=bracket)


def _chart(key: str, unit: str, *lines: Line, **more: Any) -> Chart:
    return Chart(key, unit, tuple(_drawn(line, unit) for line in lines), **more)


_OWN = Line(
    "own_money_share",
    reading="start",
    colour=DYE_COLOURS["lap_1"],
    bracket=(
        Line("own_money_share_low", reading="start", banded=False),
        Line("own_money_share_high", reading="start", banded=False),
    ),
)

TABS: dict[str, tuple[Chart, ...]] = {
    "money": (
        _chart(
            "odds",
            "percent_of_worlds",
            _share_of_worlds("fallen", "fallen"),
            _share_of_worlds("spinning", "spinning"),
            _share_of_worlds("pays", "stands_alone", "smaller"),
            kind="stack",
            whole=100.0,
        ),
        _chart("funds", "bn_month", *_dyes(), kind="stack", total="vendor_revenue"),
        _chart("revenue", "bn_month", Line("vendor_revenue")),
        _chart("building", "bn_month", Line("capex"), Line("external_ai_revenue")),
        _chart("outside", "bn_month", Line("outside_financing", where="facts"), least=None),
        _chart("runway", "months", Line("lead_lab_runway", digits=1, ends=True), most=40.0),
        _chart("burn", "bn_month", Line("lead_lab_burn"), least=None),
        _chart("own", "percent_of_revenue", _OWN),
        _chart("others", "percent_of_revenue", Line("non_customer_share", reading="year")),
    ),
    "prices": (
        _chart("chips", "bn_gw", Line("gpu_price")),
        _chart("rent", "gpu_hour", Line("compute_rent", digits=3)),
        _chart(
            "shares",
            "index",
            Line("share_index", where="facts", reading="index", digits=1),
            Line("valuation_index", "lead_lab_valuation", reading="index", digits=1, banded=False),
            Line("gold_index", "gold_price", reading="index", digits=1, banded=False),
            log=True,
            least=None,
        ),
        _chart(
            "worth",
            "tn",
            Line("cloud_market_cap", digits=3),
            Line("vendor_market_cap", digits=3),
            Line("lead_lab_valuation", digits=3, banded=False),
        ),
        _chart("spreads", "percent_year", Line("neocloud_spread"), Line("policy_rate", banded=False)),
        _chart("opinion", "opinion", Line("sentiment", digits=3), least=None),
        _chart("gold", "ounce", Line("gold_price", digits=1), least=None),
        _chart("barbell", "correlation", Line("ai_gold_corr", digits=3), least=-1.0, most=1.0),
    ),
    "firms": (
        _chart("labs", "bn_month", Line("lab_revenue"), Line("lab_burn"), least=None),
        _chart("alone", "ratio", Line("operating_ratio", digits=3), reference=1.0),
        _chart("cover", "ratio", Line("commitment_cover", digits=3, ends=True), most=3.0, reference=1.0),
        _chart("debts", "bn", Line("leveraged_debt", digits=1), Line("neocloud_debt", digits=1)),
        _chart("promises", "bn", Line("rpo", digits=1)),
        _chart("defaults", "firms", Line("defaults", reading="sum", digits=0)),
        _chart("exposure", "bn", Line("vendor_stakes", digits=1), Line("vendor_commitments", digits=1)),
        _chart("machines", "gw", Line("gw_in_service")),
        _chart("hoard", "gw", Line("state_gpu_hoard", digits=3)),
        _chart("state_gold", "kilotonnes", Line("state_gold", digits=3), least=None),
    ),
}


def banded_lines() -> dict[str, Line]:
    """All lines that stand on a band of background worlds, by key."""
    return {line.key: line for charts in TABS.values() for chart in charts for line in chart.lines if line.banded}


def odds_lines(tab: str = "") -> list[Line]:
    """The lines of a tab, or of all, that are odds: shares of the background worlds."""
    charts = TABS.get(tab, ()) if tab else [chart for charts in TABS.values() for chart in charts]
    return [line for chart in charts for line in chart.lines if line.where == "odds"]


def banded_in(tab: str) -> list[str]:
    """Keys of the lines of a tab that stand on a band."""
    return [line.key for chart in TABS.get(tab, ()) for line in chart.lines if line.banded]


# --- values ---------------------------------------------------------------------------------------------------------


def values(economy: Any, line: Line, worlds: Array | slice = slice(None)) -> Floats:
    """What a line shows of chosen worlds in its unit: (months so far, worlds)."""
    kept = getattr(economy.collector, line.where).get(line.series, ())
    level = np.array(kept)[:, worlds] if kept else np.zeros((0, 0))
    if line.reading == "sum":
        level = np.cumsum(level, axis=0)
    elif line.reading == "index" and len(level):
        level = level / np.where(level[0] > 0, level[0], 1.0) * 100.0
    elif line.reading in ("year", "start") and len(level):
        receipts = total(np.array(dye)[:, worlds] for dye in economy.collector.dyes.values())
        window = int(economy.p.measures.series_months) if line.reading == "year" else len(level)
        level = share(_trailing(level * receipts, window), _trailing(receipts, window))
    return np.round(level * line.scale, line.digits)


def _trailing(level: Floats, window: int) -> Floats:
    """Sum over the last months, of as many as there are; (months, worlds)."""
    summed = np.cumsum(level, axis=0)
    return summed - np.concatenate([np.zeros_like(summed[:window]), summed])[: len(summed)]


def odds_so_far(line: Line, odds: Mapping[str, list[float]], month: int) -> list[float]:
    """Share of the background worlds in a band in each month that has passed and is judged: nothing of what is to come."""
    months = zip(*(odds[state][:month] for state in line.parts if state in odds), strict=True)
    return [round(sum(shares) * line.scale, line.digits) for shares in months]


def panel_data(session: Session, tab: str, odds: Mapping[str, list[float]] | None = None) -> dict[str, Any]:
    """What a tab's charts show now: lists by line of the watched world and, after a fork, of its twin.

    The twin is the watched world until the fork, so that its lists begin there, `fork` months after the start. `odds`: share of
    the background worlds in each state, by month judged.
    """
    rows = np.array([session.row(world) for world in range(session.worlds)])
    fork = session.forked_at if session.worlds > 1 else None
    watched: dict[str, list[float]] = {}
    twin: dict[str, list[float]] = {}
    for chart in TABS.get(tab, ()):
        for line in chart.lines:
            if line.where == "odds":
                watched[line.key] = odds_so_far(line, odds or {}, session.month)
                continue
            for one in (line, *(line.bracket or ())):
                both = values(session.economy, one, rows)
                if one.ends and len(both):
                    both = np.where(_failed(session, rows), np.nan, both)
                watched[one.key] = _listed(both[:, WATCHED]) if len(both) else []
                if fork is not None:
                    twin[one.key] = _listed(both[fork:, TWIN]) if len(both) else []
    return {"month": session.month, "watched": watched, "twin": twin, "fork": fork}


def _failed(session: Session, rows: Array) -> Array:
    """Whether the lead lab has defaulted by a month, (months so far, worlds): what its creditors left it is no measure of it."""
    economy = session.economy
    marks = np.array(economy.collector.facts[f"default:{economy.lead_lab.name}"])[:, rows]
    return np.cumsum(marks, axis=0) > 0


def _listed(column: Floats) -> list[Any]:
    """A list that JSON takes: a gap where there is no number."""
    return column.tolist() if np.isfinite(column).all() else [x if np.isfinite(x) else None for x in column.tolist()]


# --- the axis of time -----------------------------------------------------------------------------------------------


def calendar(session: Session) -> list[str]:
    """Every month of the horizon as "2025-10"."""
    start = session.economy.scenario.definition.start
    months = (start.month - 1 + month for month in range(session.horizon))
    return [f"{datetime.date(start.year + month // 12, month % 12 + 1, 1):%Y-%m}" for month in months]


def tight(session: Session) -> list[list[int]]:
    """First and last month of every time in which funding is tight in the watched world, as it was and as planned."""
    row, passed = session.row(WATCHED), session.month
    economy = session.economy
    theta = np.zeros(session.horizon)
    theta[:passed] = [float(level[row]) for level in economy.collector.facts.get("theta", ())]
    theta[passed:] = economy.funding.level(np.arange(passed, session.horizon)[:, None])[:, row]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (theta > 0).astype(int), [0]))))
    return [[int(first), int(after) - 1] for first, after in edges.reshape(-1, 2)]


@dataclass
class Mark:
    """Levers that were moved in a month, in words."""

    month: int
    texts: list[str] = field(default_factory=list)
    twin: bool = True  # whether only the twin's were moved


def marks(session: Session, words: Words) -> list[dict[str, Any]]:
    """What stands on the axis of time: forks and levers moved, those of one month together."""
    found: dict[int, Mark] = {}
    for move in session.moves:
        mark = found.setdefault(move.month, Mark(move.month))
        if move.lever in ("fork", "join"):
            mark.texts.append(words(f"charts.{move.lever}"))
            mark.twin = False
        else:
            mark.texts.append(f"{words.lever(move.lever)} {_written(move.lever, move.value, words)}")
            mark.twin &= move.world == TWIN
    return [asdict(mark) for mark in found.values()]


def _written(lever: str, value: Any, words: Words) -> str:
    if PARAMETERS[lever].kind == "bool":
        return words("charts.on" if value else "charts.off")
    if isinstance(value, str):
        key = f"lever_choice.{value}"
        return value if words(key) == key else words(key)
    return f"{value:.3g}"


# --- words ----------------------------------------------------------------------------------------------------------


def plan(tab: str, words: Words) -> list[dict[str, Any]]:
    """A tab's charts in words and colours: what the browser needs to draw them, the same in every month."""
    return [_chart_plan(chart, words) for chart in TABS.get(tab, ())]


def _chart_plan(chart: Chart, words: Words) -> dict[str, Any]:
    lines = []
    for place, line in enumerate(chart.lines):
        lines.append(
            {
                "key": line.key,
                "label": words(f"series.{line.key}.label"),
                "about": words(f"series.{line.key}.about"),
                "colour": line.colour or INKS[place],
                "banded": line.banded,
                "bracket": [one.key for one in line.bracket or ()],
            }
        )
    return {
        "key": chart.key,
        "title": words(f"chart.{chart.key}.title"),
        "note": words(f"chart.{chart.key}.note"),
        "unit": words(f"unit.{chart.unit}.name"),
        "value": words(f"unit.{chart.unit}.value"),
        "times": float(words(f"unit.{chart.unit}.times")),
        "kind": chart.kind,
        "log": chart.log,
        "counted": all(line.digits == 0 for line in chart.lines),
        "whole": chart.whole,
        "least": chart.least,
        "most": chart.most,
        "reference": chart.reference,
        "total": chart.total,
        "reference_label": words(f"chart.{chart.key}.reference") if chart.reference is not None else "",
        "lines": lines,
    }


def origin(session: Session, words: Words) -> str:
    """Where a picture comes from: preset, seed, month, and the levers moved."""
    start = session.start
    told = words(
        "charts.origin", preset=Path(start.preset).name, seed=start.seed, month=session.month, months=session.horizon
    )
    settings = [f"{words.lever(name)} {value}" for name, value in start.settings.items()]
    moved = [
        f"{'; '.join(mark['texts'])} ({words('charts.from_month', month=mark['month'])})" for mark in marks(session, words)
    ]
    return "; ".join([told, *settings, *moved])


# --- files ----------------------------------------------------------------------------------------------------------


def table(session: Session) -> str:
    """All series of the watched world and its twin as CSV, named and in units as `perpetuum params --series` has them."""
    economy = session.economy
    columns: dict[str, Array] = dict(economy.series)
    columns |= {f"paid_with:{dye}": paid for dye, paid in economy.dye_series.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["world", "month", "date", *columns])
    for world, name in enumerate(("watched", "twin")[: session.worlds]):
        row = session.row(world)
        for month, date in enumerate(economy.dates):
            writer.writerow([name, month, date.isoformat(), *(f"{values[row, month]:.9g}" for values in columns.values())])
    return text.getvalue()


def file_name(session: Session, ending: str) -> str:
    """What a download is called: preset, seed and month."""
    start = session.start
    return f"perpetuum-{Path(start.preset).stem}-seed-{start.seed}-month-{session.month}{ending}"
