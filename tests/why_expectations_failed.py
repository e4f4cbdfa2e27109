"""Why what was expected of the model failed: each thing that may be to blame is taken away, on worlds that share their luck.

Run: `uv run python -m tests.why_expectations_failed [NAME...] [--worlds N] [--preset ono_2025] [--seed 1]`, from the root;
without names all of them, of 64 worlds each (`default`: 100). The first settings of each and the intervals (95 %, of paired
worlds) are those of `perpetuum validate`. What comes of it: model/FINDINGS.md, "What was expected and failed, and why", and
model/DECISIONS.md.

    E2         vendor finance threefold, as shares, mild tightening, weak demand: core defaults
    E3         weak demand, full tightening: falls, the leveraged cloud's defaults and cancellations, months of life
    E3_strong  strong demand, full tightening: core defaults
    E11        chip generations every ten months or twenty: the neocloud's defaults and months in breach
    E11_short  the same, contracts of half a year
    E12        full tightening by one channel alone, by its start: months of life
    E13        loose money: states at the ends of 2028, 2030 and 2035
    E16        gold with AI shares, without investors who hold both ends: correlation of monthly returns
    default    the default run, and the same with loose money: what falls begin with, who defaults and when
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from perpetuum.model.errors import InputError, nearest
from perpetuum.model.observed.states import STATES, months_simulated
from perpetuum.model.scenario import load_preset
from perpetuum.model.units import date_of
from perpetuum.model.worlds import Array
from perpetuum.runs.questions.channels import CHANNELS
from perpetuum.runs.questions.expectations import FULL, LOOSE, STRONG, WEAK
from tests.asked import about_worlds
from tests.paired_worlds import Lived, Settings, lived, told

Found = Mapping[str, Lived]
#: Months in which funding starts to tighten: of `ono_2025` October 2027, the usual one, and January 2026.
USUAL_START, EARLY_START = 24, 3

#: Firms that the tables tell of by name.
TOLD_OF = ("lead_lab", "leveraged_cloud", "neocloud")

# --- what is taken away ---------------------------------------------------------------------------------------------------

NO_COVERAGE = {"credit.coverage_covenant": 0.0}
#: Covenants as loose as the registry lets them be, and no sweep of cash.
NO_COVENANTS = NO_COVERAGE | {"credit.collateral_slack": 3.0, "credit.leverage_slack": 5.0, "credit.sweep_share": 0.0}
FLAT_SPREADS = {"credit.leverage_slope": 0.0, "credit.coverage_spread": 0.0, "credit.volatility_slope": 0.0}
NEVER_REFUSED = {
    f"rollover.{what}_{kind}": value
    for what, value in (("ceiling", 0.5), ("loss", 0.0))
    for kind in ("leveraged", "neocloud")
}
EASY_CREDIT = NO_COVENANTS | FLAT_SPREADS | NEVER_REFUSED
NO_COMMITMENTS = {"contracts.precommitment": 0.0}
NO_LAPSES = {"contracts.lapse": 0.0}
#: Spot rents never above the opening's; plans that foresee little of today's growth; labs that raise when they must.
NO_DEAR_RENTS = {"compute.rent_cap": 1.0}
SHORT_SIGHT = {"expectations.fade": 0.06}
NO_AMBITION = {"ambition.on": False}
NO_HELP = {"support.on": False, "vendor_finance.rescue_share": 0.0}
EARLY = {"funding.start_month": EARLY_START}


def without(claim: Settings, taken: Mapping[str, Settings]) -> dict[str, Settings]:
    """Rows of a claim: as it is, and with each thing taken away.

    >>> without({"a": 1, "b": 2}, {"no b": {"b": 0}})
    {'as it is': {'a': 1, 'b': 2}, 'no b': {'a': 1, 'b': 0}}
    """
    return {"as it is": claim, **{words: {**claim, **settings} for words, settings in taken.items()}}


def alone(channel: str) -> Settings:
    """Full tightening by one channel."""
    return {**FULL, **{f"funding.channel_{one}": float(one == channel) for one in CHANNELS}}


TAKEN = {
    "loose money": LOOSE,
    "no covenant on coverage": NO_COVERAGE,
    "no covenants": NO_COVENANTS,
    "spreads do not answer to the firm": FLAT_SPREADS,
    "lenders never refuse": NEVER_REFUSED,
    "no trouble of credit, all three": EASY_CREDIT,
    "no commitments": NO_COMMITMENTS,
    "neither of both": EASY_CREDIT | NO_COMMITMENTS,
    "spot rents do not rise": NO_DEAR_RENTS,
    "nor are there commitments": NO_DEAR_RENTS | NO_COMMITMENTS,
    "none of the three": EASY_CREDIT | NO_COMMITMENTS | NO_DEAR_RENTS,
    "extrapolation fades twice as fast": SHORT_SIGHT,
    "labs raise when runway is short": NO_AMBITION,
    "no lapses": NO_LAPSES,
    "no help of the vendor": NO_HELP,
}
TRIPLED = {"vendor_finance.instrument": "equity", "vendor_finance.scale": 3.0, "funding.tightening": 0.4, **WEAK}
E2 = without(
    TRIPLED,
    TAKEN | {"vendor finance as usual": {"vendor_finance.scale": 1.0}, "no vendor finance": {"vendor_finance.scale": 0.0}},
) | {"twice the demand": {**TRIPLED, **STRONG}}
E3 = {
    "loose money": {**LOOSE, **WEAK},
    "full, from October 2027": {**FULL, **WEAK},
    "full, from January 2026": {**FULL, **WEAK, **EARLY},
    "loose money, no lapses": {**LOOSE, **WEAK, **NO_LAPSES},
    "full, from October 2027, no lapses": {**FULL, **WEAK, **NO_LAPSES},
}
E3_STRONG = without({**FULL, **STRONG}, TAKEN) | {
    "from January 2026": {**FULL, **STRONG, **EARLY},
    "half the demand": {**FULL, **WEAK},
}
E11 = {
    f"{words}, a generation in {cadence} months": {**settings, "technology.cadence_months": float(cadence)}
    for words, settings in (("full", FULL), ("loose money", LOOSE), ("full, no help of the vendor", {**FULL, **NO_HELP}))
    for cadence in (20, 10)
}
#: Contracts of half a year, what was signed before the start aside.
E11_SHORT = {
    words: {**settings, "contracts.term_months": 6, "ambition.lump_term": 6}
    for words, settings in E11.items()
    if settings["funding.tightening"]
}
E12 = {"loose money": LOOSE} | {
    f"{channel} alone, from month {start}": {**alone(channel), "funding.start_month": start}
    for start in (USUAL_START, EARLY_START)
    for channel in ("rate", "venture", "covenants")
}
E13 = {
    f"{words}, {taken}": {**LOOSE, **strength, **settings}
    for words, strength in (("weak demand", WEAK), ("strong demand", STRONG))
    for taken, settings in {
        "as it is": {},
        "no commitments": NO_COMMITMENTS,
        "no lapses": NO_LAPSES,
        "no trouble of credit": EASY_CREDIT,
        "none of the three": EASY_CREDIT | NO_COMMITMENTS | NO_LAPSES,
        "spot rents do not rise": NO_DEAR_RENTS,
        "none of the four": EASY_CREDIT | NO_COMMITMENTS | NO_LAPSES | NO_DEAR_RENTS,
        "extrapolation fades twice as fast": SHORT_SIGHT,
    }.items()
}
NO_TREND = {"prices.gold_drift": 0.0, "prices.gold_long_run": 0.0}
FEW_WEIGH = {"investors.fundamental_weight": 0.02}
E16 = without(
    {**LOOSE, "investors.barbell_share": 0.0},
    {
        "no trend of gold": NO_TREND,
        "few investors who weigh value": FEW_WEIGH,
        "few, and no trend": FEW_WEIGH | NO_TREND,
        "who weighs value answers weakly": {"investors.value_elasticity": 0.5},
        "opinion does not pull gold": {"valuation.gold_sentiment": 0.0},
        "no eye on value": {"investors.value_awareness": 0.0},
        "trend, opinion and eye": NO_TREND | {"valuation.gold_sentiment": 0.0, "investors.value_awareness": 0.0},
        "two fifths in cash": {"investors.cash_share": 0.4},
        "no states' hoards": {"states.hoarding": 0.0},
        "no official gold": {"states.gold_buying": False},
        "nobody on margin": {"investors.leveraged_share": 0.0},
        "no momentum": {"investors.momentum_response": 0.0},
        "no news of rates": {"prices.rate_noise": 0.0},
        "holders of both ends, as usual": {"investors.barbell_share": 0.04},
    },
)
DEFAULT: dict[str, Settings] = {"as asked": {}, "loose money": LOOSE}

# --- what is told of them -------------------------------------------------------------------------------------------------


def date_told(preset: str, months: Array) -> str:
    """The median date of what happens in some worlds (-1: not)."""
    happened = months[months >= 0]
    return f"{date_of(load_preset(preset).start, round(float(np.median(happened)))):%Y-%m}" if len(happened) else "never"


def defaults_of(firm: str, row: Lived, preset: str) -> str:
    """In how many worlds a firm defaults, of these by which causes, and when in the median."""
    months, causes = row.defaults[firm], row.causes[firm]
    by_cause = ", ".join(f"{cause} {n}" for cause, n in Counter(map(str, causes[months >= 0])).most_common())
    return f"{firm} {(months >= 0).sum()}" + (f" ({by_cause}; median {date_told(preset, months)})" if by_cause else "")


def begins_with(row: Lived, cause: str) -> int:
    """How many falls begin with a cause, or with causes of a kind: "shedding:leveraged_cloud", "default:"."""
    return sum(str(one).startswith(cause) for one in row.outcome.cause[row.fallen])


def core_defaults(found: Found, preset: str) -> list[str]:
    """Core defaults of each row, and how many fewer than in the first."""
    first = next(iter(found.values()))
    return [
        f"{words:36s} core default {told(row.core_default)} %, points less {told(first.core_default * 1.0 - row.core_default)}; "
        f"{defaults_of('leveraged_cloud', row, preset)}; {defaults_of('lead_lab', row, preset)}; fallen {told(row.fallen)}; "
        f"spot rent of the third year x {np.median(row.rent):.2f}"
        for words, row in found.items()
    ]


def falls(found: Found, preset: str) -> list[str]:
    """Falls of each row, what they begin with, and life lost against the first."""
    first = next(iter(found.values()))
    return [
        f"{words:36s} fallen {told(row.fallen)} %, points more {told(row.fallen * 1.0 - first.fallen)}; months of life lost "
        f"{told(first.outcome.life - row.outcome.life, 1.0)}; {defaults_of('leveraged_cloud', row, preset)}; falls that "
        f"begin with its contracts {begins_with(row, 'shedding:leveraged_cloud')}; {defaults_of('neocloud', row, preset)}; "
        f"core default {told(row.core_default)}"
        for words, row in found.items()
    ]


def first_of_all(row: Lived) -> Array:
    """Whether the neocloud is first to default in a world."""
    return np.asarray(row.outcome.first_domino == "neocloud")


def neoclouds(found: Found, preset: str) -> list[str]:
    """The neocloud's defaults and breaches; under each pair of rows what a faster cadence adds."""
    lines, slow = [], None
    for words, row in found.items():
        defaults, breach = row.defaults["neocloud"] >= 0, row.breaches["neocloud"]
        lines.append(
            f"{words:52s} first {first_of_all(row).sum()} ({told(first_of_all(row))} %); defaults {told(defaults)} %, "
            f"{defaults_of('neocloud', row, preset)}; months in breach {told(breach, 1.0)}"
        )
        if slow is None:
            slow = row
            continue
        before, late = slow.defaults["neocloud"] >= 0, slow.breaches["neocloud"]
        lines.append(
            f"{'':14s}faster: points more first {told(first_of_all(row) * 1.0 - first_of_all(slow))}, points more default "
            f"{told(defaults * 1.0 - before)}, months more in breach {told(breach - late, 1.0)}"
        )
        slow = None
    return lines


def lone_channels(found: Found, preset: str) -> list[str]:
    """Falls by channel and start, and how much more life the policy rate costs than each of the others."""
    lines = falls(found, preset)
    for start in (USUAL_START, EARLY_START):
        of = {
            channel: found[f"{channel} alone, from month {start}"].outcome.life
            for channel in ("rate", "venture", "covenants")
        }
        lines += [
            f"from month {start} rates cost more than {channel} by {told(of[channel] - of['rate'], 1.0)} months"
            for channel in ("venture", "covenants")
        ]
    return lines


def states(found: Found, preset: str) -> list[str]:
    """Shares of the four states by date, and falls by what they begin with."""
    start = load_preset(preset).start
    lines = []
    for words, row in found.items():
        of_month = row.outcome.dates.state
        ends = [(year, (year - start.year) * 12 + 12 - start.month) for year in (2028, 2030, 2035)]
        told_at = [(str(year), month) for year, month in ends if month < of_month.shape[1] - 1] + [("last judged", -1)]
        at = "; ".join(
            f"{when}: "
            + ", ".join(f"{name} {100 * (of_month[:, month] == code).mean():.0f}" for code, name in enumerate(STATES))
            for when, month in told_at
        )
        causes = ", ".join(f"{cause} {n}" for cause, n in Counter(map(str, row.outcome.cause[row.fallen])).most_common())
        spinning = told(of_month[:, -1] == STATES.index("spinning"))
        lines.append(f"{words:36s} {at}; spinning at last {spinning} %; falls begin with {causes or 'nothing'}")
    return lines


def gold(found: Found, preset: str) -> list[str]:
    """Correlation of gold and AI shares, and how it changes; then what the trend takes away where few weigh value."""
    first = next(iter(found.values())).gold_with_ai
    lines = [
        f"{words:36s} correlation {told(row.gold_with_ai, 1.0, 3)}, change {told(row.gold_with_ai - first, 1.0, 3)}"
        for words, row in found.items()
    ]
    few, none = (found[words].gold_with_ai for words in ("few investors who weigh value", "few, and no trend"))
    return [*lines, f"where few weigh value, no trend changes it by {told(none - few, 1.0, 3)}"]


def default_run(found: Found, preset: str) -> list[str]:
    """What falls begin with, falls without any core default, and defaults by firm with their median date."""
    lines = []
    for words, row in found.items():
        causes = ", ".join(f"{cause} {n}" for cause, n in Counter(map(str, row.outcome.cause[row.fallen])).most_common())
        lines += [
            f"{words}: fallen {row.fallen.sum()} of {len(row.fallen)}; {begins_with(row, 'default:')} begin with a core "
            f"default; without any default of a core firm {(row.fallen & ~row.core_default).sum()}; some core firm defaults in "
            f"{row.core_default.sum()}; falls begin with {causes}",
            *(f"  {defaults_of(firm, row, preset)}" for firm in row.defaults),
        ]
    return lines


class Table(NamedTuple):
    """Rows of settings by words, what is told of them, and how many worlds unless the user says."""

    rows: Mapping[str, Settings]
    tell: Callable[[Found, str], Sequence[str]]
    worlds: int = 64


TABLES = {
    "E2": Table(E2, core_defaults),
    "E3": Table(E3, falls),
    "E3_strong": Table(E3_STRONG, core_defaults),
    "E11": Table(E11, neoclouds),
    "E11_short": Table(E11_SHORT, neoclouds),
    "E12": Table(E12, lone_channels),
    "E13": Table(E13, states),
    "E16": Table(E16, gold),
    "default": Table(DEFAULT, default_run, 100),
}


def main() -> int:
    """Print a table for each name."""
    ask = about_worlds(__doc__)
    ask.add_argument("names", nargs="*", metavar="NAME", help=f"which of {', '.join(TABLES)} (all of them)")
    ask.set_defaults(worlds=None)
    asked = ask.parse_args()
    for name in asked.names:
        if name not in TABLES:
            ask.error(f"unknown name {name!r}, allowed are {', '.join(TABLES)}{nearest(name, list(TABLES))}")
    if asked.worlds is not None and asked.worlds < 2:
        ask.error(f"--worlds must be 2 at least, for there is no interval of fewer; given {asked.worlds}")
    try:
        preset = load_preset(asked.preset)
    except InputError as error:
        ask.error(f"--preset: {error}")
    if lacking := [firm for firm in TOLD_OF if firm not in {agent.id for agent in preset.agents}]:
        ask.error(f"--preset {asked.preset} has no {' and no '.join(lacking)}, which the tables tell of")
    months = months_simulated(preset.months)
    for name in asked.names or TABLES:
        table = TABLES[name]
        worlds = table.worlds if asked.worlds is None else asked.worlds
        found = lived(asked.preset, worlds, asked.seed, table.rows, months)
        print(f"\n{name}, {worlds} worlds", *table.tell(found, asked.preset), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
