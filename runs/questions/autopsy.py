"""Who is to blame: every coalition of mechanisms is simulated under the same shocks, and Shapley values share out the payoff.

Boom and bust are told apart, each a named payoff of a world. A mechanism that is off in the scenario as asked already is said
to be, and not simulated; worlds that fail in one coalition leave all of them, so that comparisons stay paired.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.errors import about, named_once
from perpetuum.model.observed.odds import FEWEST, intervals_of_all
from perpetuum.model.scenario import InputError, Scenario, nearest
from perpetuum.model.words.speech import capital, say, uncapital
from perpetuum.model.worlds import Array
from perpetuum.runs.questions import shapley
from perpetuum.runs.questions.asked_scenario import checked, drawn, scenario_of
from perpetuum.runs.questions.mechanism_switches import Switch, choose, label
from perpetuum.runs.questions.payoffs import PAYOFFS, USUAL_PAYOFFS, Payoff
from perpetuum.runs.study.batches import Progress, run_worlds

if TYPE_CHECKING:
    import pandas as pd


#: Worlds of a scenario in which something falls, for whoever asks where nothing does.
FALLING = "--set demand.strength=0.65 --set funding.tightening=1"
#: Differences between coalitions below this, in a payoff's own unit or as a share of it, are rounding and never read.
UNREAD = 1e-6
#: Between which the shares of a payoff lie: all switches as asked, and all off.
ENDS = ("as_asked", "all_off")
#: Most coalitions x worlds: hours on one machine.
MOST_WORLDS = 2_000_000


@dataclass(frozen=True)
class Game:
    """What is to be simulated: the scenario, its players, and how many worlds each coalition has."""

    preset: str
    overrides: dict[str, Any]
    scenario: Scenario
    players: tuple[Switch, ...]  # those that something can be switched off of
    idle: tuple[Switch, ...]  # those that are off already
    payoffs: tuple[Payoff, ...]
    replicates: int
    seed: int
    months: int
    fixed: bool = False

    @property
    def coalitions(self) -> int:
        """Number of coalitions."""
        return int(2 ** len(self.players))

    @property
    def worlds(self) -> int:
        """Number of worlds to simulate."""
        return self.coalitions * self.replicates

    def varied(self) -> dict[str, list[Any]]:
        """Value of every switched parameter in every world: coalition by coalition, each with all its replicates.

        On, it has the scenario's value or the world's own draw; a parameter that several players switch is off where any is.
        """
        draws = {} if self.fixed else drawn(self.preset, self.overrides, self.seed, np.arange(self.replicates))
        off_by = {switch.name: switch.off_in(self.scenario) for switch in self.players}
        members = shapley.coalitions(len(self.players))
        columns: dict[str, list[Any]] = {}
        for place, switch in enumerate(self.players):
            for name, off in off_by[switch.name].items():
                own = draws[name].tolist() if name in draws else [self.scenario.values[name]] * self.replicates
                column = columns.setdefault(name, own * self.coalitions)
                everywhere = np.repeat(members[:, place], self.replicates)
                columns[name] = [now if on else off for now, on in zip(column, everywhere, strict=True)]
        return columns


@dataclass(frozen=True)
class Blame:
    """The verdict on one payoff; arrays are (players, 3): mean, low, high (95 % bootstrap over replicates)."""

    payoff: Payoff
    shares: Array  # Shapley values
    alone: Array  # switched on alone
    last: Array  # what goes missing when switched off alone
    everything: Array  # payoff as asked (3,)
    nothing: Array  # payoff with all players off (3,)
    difference: Array  # as asked less all off (3,)
    when: tuple[float, float] | None  # median month of the payoff as asked and with all players off, where it has one
    lowest: float  # over all coalitions
    highest: float
    most: dict[str, str]  # the player that adds more than any other, and the one that takes more; "" where chance may say so

    @property
    def gap(self) -> float:
        """What the efficiency axiom leaves unexplained: sum of the shares less the difference; rounding only."""
        return float(self.shares[:, 0].sum() - self.difference[0])


@dataclass(frozen=True)
class Autopsy:
    """A game that was simulated, and what came out of it."""

    game: Game
    worlds: pd.DataFrame  # a row a coalition and replicate
    kept: Array  # replicates that every coalition finished
    blames: tuple[Blame, ...]

    @property
    def failed(self) -> int:
        """Replicates left out, because a world of theirs failed."""
        return self.game.replicates - len(self.kept)


def make_game(
    preset: str,
    overrides: Mapping[str, Any] | None = None,
    *,
    only: Sequence[str] | None = None,
    also: Sequence[str] = (),
    payoffs: Sequence[str] = USUAL_PAYOFFS,
    replicates: int = 50,
    seed: int = 1,
    months: int | None = None,
    fixed: bool = False,
) -> Game:
    """Return the game of a scenario (raises InputError for unknown names and for more worlds than anybody simulates)."""
    scenario = scenario_of(preset, overrides or {}, seed, months)
    with about("payoffs"):
        named_once(payoffs, "the payoffs")
        for name in payoffs:
            if name not in PAYOFFS:
                raise InputError(f"unknown payoff '{name}'{nearest(name, list(PAYOFFS))} (there are {', '.join(PAYOFFS)})")
    if replicates < 1:
        raise InputError(f"replicates must be a whole number of at least 1, not {replicates}", "replicates")
    chosen = choose(only, also)
    players = tuple(switch for switch in chosen if switch.off_in(scenario))
    idle = tuple(switch for switch in chosen if not switch.off_in(scenario))
    worlds = 2 ** len(players) * replicates
    if len(players) > shapley.MOST_PLAYERS or worlds > MOST_WORLDS:
        coalitions = f"{2 ** len(players):,} coalitions of {len(players)} switches"
        raise InputError(f"{coalitions}, {replicates:,} worlds each, are {worlds:,} worlds: ask for fewer", "replicates")
    return Game(
        preset=preset,
        overrides=checked(scenario, overrides or {}),
        scenario=scenario,
        players=players,
        idle=idle,
        payoffs=tuple(PAYOFFS[name] for name in payoffs),
        replicates=replicates,
        seed=seed,
        months=scenario.judged,
        fixed=fixed,
    )


def play(
    game: Game, *, workers: int = 1, progress: Progress | None = None, run: Callable[..., pd.DataFrame] = run_worlds
) -> Autopsy:
    """Simulate every coalition and share out the payoffs; raises InputError where no replicate got through all coalitions."""
    varied = game.varied()
    table = run(
        game.preset,
        overrides={name: value for name, value in game.overrides.items() if name not in varied},
        varied=varied,
        replicates=list(range(game.replicates)) * game.coalitions,
        seed=game.seed,
        months=game.months,
        draws=not game.fixed,
        workers=workers,
        progress=progress,
    )
    failed = (table["error"] != "").to_numpy().reshape(game.coalitions, game.replicates).any(axis=0)
    kept = np.flatnonzero(~failed)
    if not len(kept):
        raise InputError(f"every replicate failed in some coalition, the first with: {table['error'].max()}")
    return Autopsy(game, table, kept, tuple(_blame(game, payoff, table, kept) for payoff in game.payoffs))


def _blame(game: Game, payoff: Payoff, table: pd.DataFrame, kept: Array) -> Blame:
    values = payoff.of(table).reshape(game.coalitions, game.replicates)[:, kept]
    means = values.mean(axis=1)
    when = None
    if payoff.month:
        months = table[payoff.month].to_numpy(dtype=np.float64).reshape(game.coalitions, game.replicates)[:, kept]
        when = float(np.median(months[-1])), float(np.median(months[0]))
    return Blame(
        payoff=payoff,
        shares=_with_interval(shapley.shapley(values)),
        alone=_with_interval(shapley.first_in(values)),
        last=_with_interval(shapley.last_in(values)),
        everything=_with_interval(values[-1]),
        nothing=_with_interval(values[0]),
        difference=_with_interval(values[-1] - values[0]),
        when=when,
        lowest=float(means.min()),
        highest=float(means.max()),
        most=_most([player.name for player in game.players], shapley.shapley(values)),
    )


def _most(names: Sequence[str], shares: Array) -> dict[str, str]:
    """Who adds and who takes most of a payoff, from shares world by world (players, replicates).

    Its share differs from nothing, and from that of every other in the same worlds, by intervals for all of these at once.
    """
    if not names:
        return {"adds": "", "takes": ""}
    several = list(combinations(range(len(names)), 2))
    apart = np.array([*shares, *(shares[one] - shares[other] for one, other in several)])
    _, lows, highs = intervals_of_all(apart.reshape(-1, shares.shape[-1]))
    sign = (lows > UNREAD).astype(int) - (highs < -UNREAD).astype(int)
    ahead = np.diag(sign[: len(names)])
    for (one, other), of_two in zip(several, sign[len(names) :], strict=True):
        ahead[one, other], ahead[other, one] = of_two, -of_two
    return {
        part: next((name for name, row in zip(names, ahead, strict=True) if (row == way).all()), "")
        for part, way in (("adds", 1), ("takes", -1))
    }


def _with_interval(samples: Array) -> Array:
    """Mean, low and high over replicates, on a last axis of three."""
    low, high = shapley.bootstrap_interval(samples)
    return np.stack([samples.mean(axis=-1), low, high], axis=-1)


# --- what is said -------------------------------------------------------------------------------------------


def finding(name: str, summary: Mapping[str, Any]) -> str:
    """What the shares of a payoff say, in one or two sentences; from an autopsy's summary."""
    payoff, found, players = PAYOFFS[name], summary["payoffs"][name], len(summary["players"])
    if not players:
        return say("autopsy.nobody_to_blame", label=payoff.label)
    if flat(found):
        return _nothing_happens(payoff, found["highest_coalition"], summary["months"])
    asked, off = _at_their_months(payoff, found, summary)
    subject = payoff.told("subject", amount=asked)
    first = say("autopsy.found", subject=subject, off=off, all=say("autopsy.all_switches", n=players))
    if summary["worlds"] < FEWEST:
        return say.sentences([first, say("autopsy.few", worlds=say.counted(summary["worlds"], "world"))])
    parts = [told for sign, part in ((1, "adds"), (-1, "takes")) if (told := _owed(payoff, found, sign, part))]
    if not parts:
        return say.sentences([first, say("autopsy.unclear")])
    return say.sentences([first, say("list.stop", sentence=capital(say("autopsy.and").join(parts)))])


def sign_of(payoff: Payoff, share: Mapping[str, float]) -> int:
    """1 where a share's interval, as it is written, lies above zero, -1 where below, else 0."""
    low, high = (round(share[end] * (100 if payoff.unit == "share" else 1), 1) for end in ("low", "high"))
    return int(low > 0) - int(high < 0)


def stands_out(found: Mapping[str, Any], sign: int = 1) -> str:
    """The player that adds more to a payoff than any other in the same worlds, or (-1) takes more; "" where chance may say so.

    Summaries of an earlier day do not tell: there its whole interval lies beyond those of all others, and beyond zero.
    """
    if "most" in found:
        return str(found["most"]["adds" if sign > 0 else "takes"])
    shares: Mapping[str, Mapping[str, Mapping[str, float]]] = found["shares"]
    ends = {player: sorted(sign * one["shapley"][end] for end in ("low", "high")) for player, one in shares.items()}
    top = max(ends, key=lambda player: sign * shares[player]["shapley"]["mean"])
    beaten = max((high for player, (_, high) in ends.items() if player != top), default=0.0)
    return top if ends[top][0] > max(beaten, 0.0) else ""


def _owed(payoff: Payoff, found: Mapping[str, Any], sign: int, part: str) -> str:
    """To whom a payoff owes most (`adds`), or what takes most of it, where one stands out; else who surely does at all."""
    shares = found["shares"]
    sure = [player for player, one in shares.items() if sign_of(payoff, one["shapley"]) == sign]

    if (top := stands_out(found, sign)) in sure:
        return payoff.told(
            part, switch=uncapital(label(top)), share=payoff.amount(shares[top]["shapley"]["mean"], signed=True)
        )
    sure.sort(key=lambda player: -sign * shares[player]["shapley"]["mean"])
    amounts = payoff.amounts([shares[player]["shapley"]["mean"] for player in sure], signed=True)
    told = zip(sure, amounts, strict=True)
    named = say.listed([say("autopsy.named", switch=uncapital(label(player)), share=amount) for player, amount in told])
    return say(f"autopsy.{part}_some", n=len(sure), switches=named) if sure else ""


def flat(found: Mapping[str, Any]) -> bool:
    """Whether a payoff is the same in all coalitions but for less than anybody reads, so that there is nothing to share out."""
    low, high = found["lowest_coalition"], found["highest_coalition"]
    return bool(high - low <= UNREAD * max(1.0, abs(low), abs(high)))


def _at_their_months(payoff: Payoff, found: Mapping[str, Any], summary: Mapping[str, Any]) -> list[str]:
    """The payoff as asked and with all off, each with the month in which it comes about if it has one."""
    told = payoff.amounts([found[when]["mean"] for when in ENDS])
    if found["median_month"] is None:
        return told
    months = [say.month_of(summary["first_month"], int(found["median_month"][when]), long=True) for when in ENDS]
    return [say("autopsy.in_month", amount=amount, month=month) for amount, month in zip(told, months, strict=True)]


def _nothing_happens(payoff: Payoff, value: float, months: int) -> str:
    key = f"autopsy.nothing_{payoff.name}"
    if value == (months if payoff.name == "life" else 0) and say.knows(key):
        ask = [] if payoff.name == "alone" else [say("autopsy.ask", hint=FALLING)]
        return say.sentences([say(key), *ask])
    return say("autopsy.nothing", label=payoff.label, amount=payoff.amount(value))


# --- tables and summary -------------------------------------------------------------------------------------

_SPREAD = ("mean", "low", "high")


def summarise(autopsy: Autopsy) -> dict[str, Any]:
    """Everything that `summary.json` says."""
    game = autopsy.game
    return {
        "preset": game.preset,
        "overrides": game.overrides,
        "seed": game.seed,
        "months": game.months,
        "fixed": game.fixed,
        "first_month": game.scenario.definition.start,
        "worlds": len(autopsy.kept),
        "worlds_left_out": autopsy.failed,
        "coalitions": game.coalitions,
        "players": {switch.name: {"off": switch.off_in(game.scenario)} for switch in game.players},
        "off_already": [switch.name for switch in game.idle],
        "payoffs": {blame.payoff.name: _payoff_summary(blame, game) for blame in autopsy.blames},
    }


def _payoff_summary(blame: Blame, game: Game) -> dict[str, Any]:
    return {
        "unit": blame.payoff.unit,
        "as_asked": _spread(blame.everything),
        "all_off": _spread(blame.nothing),
        "difference": _spread(blame.difference),
        "median_month": None if blame.when is None else dict(zip(("as_asked", "all_off"), blame.when, strict=True)),
        "sum_of_shares": float(blame.shares[:, 0].sum()),
        "efficiency_gap": blame.gap,
        "lowest_coalition": blame.lowest,
        "highest_coalition": blame.highest,
        "most": blame.most,
        "shares": {
            player.name: {
                "shapley": _spread(blame.shares[place]),
                "alone": _spread(blame.alone[place]),
                "last": _spread(blame.last[place]),
            }
            for place, player in enumerate(game.players)
        },
    }


def _spread(values: Array) -> dict[str, float]:
    return dict(zip(_SPREAD, values.tolist(), strict=True))


def shapley_table(autopsy: Autopsy) -> pd.DataFrame:
    """A row a payoff and player: Shapley value, alone and last, each with its interval."""
    import pandas as pd

    rows = []
    for blame in autopsy.blames:
        for place, player in enumerate(autopsy.game.players):
            row: dict[str, Any] = {"payoff": blame.payoff.name, "unit": blame.payoff.unit, "player": player.name}
            for name, values in (("shapley", blame.shares), ("alone", blame.alone), ("last", blame.last)):
                for kind, value in zip(_SPREAD, values[place], strict=True):
                    row[name if kind == "mean" else f"{name}_{kind}"] = float(value)
            rows.append(row)
    columns = ["payoff", "unit", "player"]
    columns += [f"{name}{end}" for name in ("shapley", "alone", "last") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=columns)


def coalitions_table(autopsy: Autopsy) -> pd.DataFrame:
    """A row a coalition and replicate: who is on, the payoffs, and how the world ended."""
    import pandas as pd

    game = autopsy.game
    members = shapley.coalitions(len(game.players))
    columns: dict[str, Any] = {"coalition": np.repeat(np.arange(game.coalitions), game.replicates)}
    for place, switch in enumerate(game.players):
        columns[switch.name] = np.repeat(members[:, place], game.replicates)
    columns["replicate"] = autopsy.worlds["replicate"].to_numpy()
    for payoff in game.payoffs:
        columns[f"payoff:{payoff.name}"] = payoff.of(autopsy.worlds)
    for name in ("state", "life", "first_domino", "error"):
        columns[name] = autopsy.worlds[name].to_numpy()
    return pd.DataFrame(columns)
