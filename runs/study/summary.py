"""A run's summary: its answer in numbers, what `summary.json` holds and screens and titles are made from."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from perpetuum.model.books.payment_kinds import SOURCES
from perpetuum.model.observed.metrics import OF_FIRMS
from perpetuum.model.observed.odds import (
    causes,
    hazard,
    life_lost,
    odds,
    share_of,
    spread_of,
)
from perpetuum.model.observed.outcome import paired, shares
from perpetuum.model.observed.states import STATES, months_simulated
from perpetuum.model.surroundings.funding_conditions import CHANNELS
from perpetuum.model.surroundings.past_squeezes import (
    HISTORY,
    acts,
    at_full_tightening,
    channels_told,
    episode_like,
    grounds,
    meaning,
    place_on_ladder,
)
from perpetuum.model.units import date_of
from perpetuum.model.worlds import Array, share
from perpetuum.runs.study.arms import Answer, Arm
from perpetuum.runs.study.creditors import firms
from perpetuum.runs.study.measures import RINGS
from perpetuum.runs.study.price_bounds import rent_at_bounds
from perpetuum.runs.study.question import rung_name
from perpetuum.runs.study.scored import trust
from perpetuum.runs.study.side_study_summaries import demand_moved, life_lost_map, stop_test
from perpetuum.runs.study.variance_shares import odds_by, share_of_luck

if TYPE_CHECKING:
    from perpetuum.model.uncertainty import Unknown

#: Whose dollars pay the vendors, by their dyes: customers of AI, clouds' other customers, and the vendors themselves.
PAYERS = {"customers": ("customers",), "others": ("other_customers",), "own": ("lap_1", "lap_2", "lap_3")}


def summarise(answer: Answer) -> dict[str, Any]:
    """Return the content of `summary.json`: plain numbers and words, in $bn, shares and months."""
    scenario, asked, loose = answer.scenario, answer.asked, answer.arms["loose"]
    result: dict[str, Any] = {
        "preset": answer.question.preset,
        "title": scenario.definition.title,
        "title_zh": scenario.definition.title_zh,
        "question": scenario.definition.question,
        "overrides": {name: answer.scenario.value(name) for name in answer.question.overrides},
        "fixed": answer.question.fixed,
        "unknowns": {one.name: [one.low, one.high] for one in answer.question.unknowns()},
        "fit": fit_of(answer.question.unknowns()),
        "seed": answer.question.seed,
        "first_month": answer.dates[0].isoformat(),
        "last_month": answer.dates[-1].isoformat(),
        "tightening": tightening(answer),
        "at_full_tightening": at_full_tightening(scenario.values),
        "like": like(answer),
        **_arm_summary(asked, answer),
        "all_alike": all_alike(asked),
        **dated(answer),
        "paired": paired(asked.of("state"), loose.of("state")),
        "rent_bounds": rent_at_bounds(answer),
        "circularity": _circularity(answer),
        "paid_with": _paid_with(asked),
        "paid_with_loose": _paid_with(loose),
        "paid_with_worlds": paid_with_worlds(asked),
        "payments": asked.payments(),
        "threshold_sensitivity": asked.moved_thresholds,
        "growth_held": {"asked": growth_held(asked), "loose": growth_held(loose)},
        "loose": _arm_summary(loose, answer),
    }
    if answer.question.ladder:
        result["ladder"] = [_rung(theta, answer) for theta in answer.question.ladder]
    result["history"] = [
        {
            "name": episode.name,
            "theta": place_on_ladder(episode, scenario.values),
            "rate_bp": episode.rate_bp,
            "spread_bp": episode.spread_bp,
            "venture_lost": episode.venture_lost,
            "source": episode.source,
        }
        for episode in HISTORY
    ]
    if result["all_alike"]:
        _close_intervals(result)
    return result


def _close_intervals(found: Any) -> None:
    """Take the width off intervals of shares that are none or all, where worlds are one and the same: more would tell no more."""
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _close_intervals(one)
    value = (found.get("share", found.get("rate"))) if isinstance(found, dict) else None
    if value in (0, 1) and {"low", "high"} <= found.keys():
        found |= {"low": float(value), "high": float(value)}


def all_alike(arm: Arm) -> bool:
    """Whether several worlds are one and the same: neither luck nor unknowns act, and no share of them has an interval."""
    return len(arm.worlds) > 1 and all((one == one[0]).all() or np.isnan(one).all() for one in arm.metrics().values())


def fit_of(unknowns: Sequence[Unknown]) -> dict[str, Any] | None:
    """The fit that worlds draw from, what it knew, and the parameters that it has; None where they draw from priors alone."""
    fit = next((one.fit for one in unknowns if one.fit is not None), None)
    if fit is None:
        return None
    drawn = [one.name for one in unknowns if one.fit is not None]
    return {"name": fit.name, "known": fit.known.isoformat(), "parameters": drawn}


def dated(answer: Answer) -> dict[str, Any]:
    """The dated answer: odds by month, hazard, life lost, outside money, the stop test, causes, and what decides it."""
    asked, loose, beside = answer.asked, answer.arms["loose"], answer.beside
    arms = {"asked": asked, "loose": loose}
    result: dict[str, Any] = {
        "odds": {name: odds(arm.states, answer.dates) for name, arm in arms.items()},
        "first_passage": {name: {"alone": share_of(arm.states.alone >= 0)} for name, arm in arms.items()},
        "hazard": {name: hazard(arm.states, answer.dates) for name, arm in arms.items()},
        "causes": {name: causes(arm.states) for name, arm in arms.items()},
        "rescued": {name: share_of(arm.of("core_rescued_month") >= 0) for name, arm in arms.items()},
        "life_lost": life_lost(asked.states.life, loose.states.life, answer.question.seed),
        "outside_cents": {name: outside_cents(arm, answer.dates) for name, arm in arms.items()},
        "trust": trust(answer.question.preset),
    }
    if beside is not None:
        result["odds"] |= {name: odds(states, answer.dates)[-1:] for name, states in beside.demand.items()}
        if beside.demand:
            result["demand_moved"] = demand_moved(asked, beside)
        result["stop_test"] = stop_test(asked, beside)
        result["life_lost_map"] = life_lost_map(beside.squeezes)
    return result | _decided(answer)


def growth_held(arm: Arm) -> dict[str, Any]:
    """Worlds that first stand alone, and the share of them that would not, had growth capex stayed as in the year before."""
    alone = arm.of("alone_month") >= 0
    return {"alone": int(alone.sum()), "vanish": share_of(arm.of("alone_held_month")[alone] < 0)}


def outside_cents(arm: Arm, dates: Sequence[datetime.date]) -> dict[str, dict[str, Any]]:
    """Cents of each dollar that running and building cost which AI's customers do not pay, by year, and who pays them.

    cents = 1 - paid / spent, in each world; `by_source` are means over worlds of what each paid over what was spent, which add up
    to the mean of the whole (`mean`).
    """
    found = {}
    money = arm.money
    there = np.where(money["spent"] > 0, money["spent"], 1.0)
    cents = 1.0 - share(money["paid"], money["spent"], 1.0)
    other = 1.0 - share(money["paid"] + money["own_use_value"], money["spent_whole"], 1.0)
    for place, year in enumerate(sorted({date.year for date in dates})):
        sources = {name: float((money[f"source:{name}"][:, place] / there[:, place]).mean()) for name in (*SOURCES, "cash")}
        found[str(year)] = {
            **spread_of(cents[:, place]),
            "mean": float(cents[:, place].mean()),
            "by_source": sources,
            "with_own_use": spread_of(other[:, place]),
            "months": sum(date.year == year for date in dates),
        }
    return found


def _decided(answer: Answer) -> dict[str, Any]:
    """Shares of the variance of life, and of standing alone at the end, by unknown and luck; the odds at the unknowns' ends."""
    asked, beside = answer.asked, answer.beside
    unknowns = {one.name: asked.of(one.name) for one in answer.question.unknowns()}
    alone = (asked.of("state") == "stands_alone").astype(np.float64)
    fallen = (asked.of("state") == "fallen").astype(np.float64)
    decided = dict(answer.decided["life"])
    if beside is not None and unknowns:
        decided["luck"] = share_of_luck(asked.states.life[: len(beside.other_luck)], beside.other_luck)
    return {
        "decided_by": decided,
        "decided_by_alone": answer.decided["alone"],
        "odds_by": odds_by(unknowns, {"fallen": fallen > 0, "alone": alone > 0}),
    }


def record(answer: Answer) -> dict[str, Any]:
    """What it takes to run this again, for the manifest."""
    scenario = answer.scenario
    return {
        "preset": answer.question.preset,
        "overrides": {name: answer.scenario.value(name) for name in answer.question.overrides},
        "worlds": answer.question.worlds,
        "months": len(answer.dates),
        "simulated": months_simulated(len(answer.dates)),
        "until": answer.question.until,
        "like": like(answer),
        "fixed": answer.question.fixed,
        "unknowns": {
            one.name: {"distribution": one.distribution, "low": one.low, "high": one.high}
            for one in answer.question.unknowns()
        },
        "fit": fit_of(answer.question.unknowns()),
        "seed": answer.question.seed,
        "replicates": [0, answer.question.worlds - 1],
        "arms": answer.question.arms(),
        "levers_moved": [],
        "parameters": dict(scenario.values),
        "rows": dict(scenario.rows),
        "agents": {
            agent.id: {
                "role": agent.role,
                "kind": agent.kind,
                "modelled_on": agent.modelled_on,
                **scenario.figures[agent.id],
            }
            for agent in scenario.definition.agents
        },
    }


def tightening(answer: Answer) -> dict[str, Any]:
    """When and how hard funding tightens, in months, dates and the units of the press, and by which channels."""
    values = answer.scenario.values
    theta = float(values["funding.tightening"])
    start = int(values["funding.start_month"])
    full = start + int(values["funding.ramp_months"])
    easing = full + int(values["funding.hold_months"])
    end = easing + int(values["funding.release_months"])
    meant, channels = meaning(theta, values), _channels(answer)
    return {
        "theta": theta,
        "start_month": start,
        "full_month": full,
        "easing_month": easing,
        "end_month": end,
        "start": date_of(answer.dates[0], start).isoformat(),
        "easing": date_of(answer.dates[0], easing).isoformat(),
        "end": date_of(answer.dates[0], end).isoformat(),
        "rate_bp": meant.rate_bp,
        "spread_bp": meant.spread_bp,
        "venture_lost": meant.venture_lost,
        "channels": channels,
        "acting": [channel for channel in CHANNELS if acts(channel, answer.scenario.values)],
        "within_run": bool(channels) and start < len(answer.dates),
    }


def _channels(answer: Answer) -> dict[str, dict[str, float]]:
    """What each channel of the tightening does that does anything, for how long, and what it was meant to."""
    told = channels_told(answer.scenario.values)
    return {one.channel: {"by": one.by, "months": one.months, "meant": one.meant} for one in told}


def like(answer: Answer) -> dict[str, Any] | None:
    """The past squeeze that was asked for: what it set, what was set otherwise all the same, what its channels do,
    and on what grounds."""
    if answer.question.like is None:
        return None
    episode = episode_like(answer.question.like)
    given = {name: answer.scenario.value(name) for name in episode.overrides()}
    ground = grounds(episode, answer.scenario.values)
    return {
        "year": episode.year,
        "name": episode.name,
        "set": {name: value for name, value in given.items() if value == episode.overrides()[name]},
        "instead": {name: value for name, value in given.items() if value != episode.overrides()[name]},
        "channels": {name: one | {"grounds": ground[name]} for name, one in _channels(answer).items()},
    }


def _arm_summary(arm: Arm, answer: Answer) -> dict[str, Any]:
    return {
        "worlds": len(arm.worlds),
        "months": len(answer.dates),
        "outcomes": shares(arm.of("state"), STATES),
        "first_dominoes": _dominoes(arm, answer),
        **_reckoned(arm.metrics("reckoning:")),
        "metrics": {name: spread_of(v) for name, v in arm.metrics().items() if name.partition(":")[0] not in OF_FIRMS},
        "firms": firms(arm.firm_names, arm.firms, _clouds(answer), answer.dates),
    }


def _reckoned(found: dict[str, Array]) -> dict[str, Any]:
    """Spread over worlds of what the reckoning says, and who surely gains.

    `gain_odds`: share of worlds in which somebody gains; `sooner_better`: in which a dollar in shares is worth more as funding
    tightens than at the end.
    """
    told: dict[str, Any] = {
        "reckoning": {name: spread_of(values) for name, values in found.items()},
        "gain_odds": {name.removeprefix("gain:"): share_of(found[name] > 0) for name in found if name.startswith("gain:")},
    }
    if "exit:at_tightening" in found:
        told["sooner_better"] = share_of(found["exit:at_tightening"] > found["exit:at_end"])
    return told


def _clouds(answer: Answer) -> set[str]:
    """Firms whose loans have covenants."""
    return {agent.id for agent in answer.scenario.definition.agents if agent.role == "cloud"}


def _dominoes(arm: Arm, answer: Answer) -> list[dict[str, Any]]:
    """Who defaults first, in how many worlds, when (median and middle half), and how often the machine falls then or later.

    `fallen_before`: it had fallen before, by what firms shed or sales lost.
    """
    first_domino, first_months, fallen = (arm.of(name) for name in ("first_domino", "first_default_month", "fallen_month"))
    n = len(first_domino)
    result = []
    for name, worlds in Counter(first_domino.tolist()).most_common():
        if not name:
            continue
        months, falls = first_months[first_domino == name], fallen[first_domino == name]
        early, middle, late = (round(float(q)) for q in np.percentile(months, (25, 50, 75)))
        first = answer.dates[0]
        result.append(
            {
                "name": name,
                "worlds": worlds,
                **shares(first_domino, (name,))[name],
                "month": middle,
                "date": date_of(first, middle).isoformat(),
                "early": date_of(first, early).isoformat(),
                "late": date_of(first, late).isoformat(),
                "then_fallen": float(np.mean(falls >= months)),
                "fallen_before": float(np.mean((falls >= 0) & (falls < months))),
            }
        )
    nobody = int(np.count_nonzero(first_domino == ""))
    return [*result, {"name": "", "worlds": nobody, "share": nobody / n}]


def _circularity(answer: Answer) -> dict[str, Any]:
    """The three rings (traced) and the caused share beside them, of the vendors' revenue over the run.

    `unlocked_per_dollar`: of worlds with any vendor finance, whose number is `unlocked_worlds`; 0 where there is none.
    """
    measures = {**answer.asked.metrics(), **answer.twin_measures("asked")}
    financed = answer.asked.of("vendor_finance_sum") > answer.arms["no_vendor_finance"].of("vendor_finance_sum")
    wanted = (*RINGS, "caused_share", "vendor_finance_sum")
    unlocked = measures["unlocked_per_dollar"][financed]
    return {name: spread_of(measures[name]) for name in wanted} | {
        "unlocked_per_dollar": spread_of(unlocked if financed.any() else np.zeros(1)),
        "unlocked_worlds": int(financed.sum()),
    }


def _paid_with(arm: Arm) -> dict[str, float]:
    """Share of each dye in the vendors' receipts over the whole run, all worlds together."""
    whole = sum(float(np.sum(values)) for values in arm.dyes.values())
    return {name: float(np.sum(values)) / whole if whole > 0 else 0.0 for name, values in arm.dyes.items()}


def paid_with_worlds(arm: Arm) -> dict[str, dict[str, float]]:
    """The same of those who pay most, and of the vendors themselves, world by world: median, 5th and 95th percentile."""
    whole = np.sum(list(arm.paid.values()), axis=0)
    parts = {who: np.sum([arm.paid[dye] for dye in dyes], axis=0) for who, dyes in PAYERS.items()}
    return {who: spread_of(share(part, whole)) for who, part in parts.items()}


def _rung(theta: float, answer: Answer) -> dict[str, Any]:
    arm = answer.arms[rung_name(theta)]
    meant = meaning(theta, answer.scenario.values)
    dominoes = [one for one in _dominoes(arm, answer) if one["name"]]
    loose = answer.arms["loose"].states.life
    return {
        "theta": theta,
        "rate_bp": meant.rate_bp,
        "spread_bp": meant.spread_bp,
        "venture_lost": meant.venture_lost,
        "outcomes": shares(arm.of("state"), STATES),
        "odds": next(iter(odds(arm.states, answer.dates)[-1:]), None),
        "life_lost": life_lost(arm.states.life, loose, answer.question.seed),
        "paired": paired(arm.of("state"), answer.arms["loose"].of("state")),
        "drawdown": spread_of(arm.of("drawdown")),
        "first_domino": dominoes[0]["name"] if dominoes else "",
    }
