"""Who takes most of the blame: told only where the differences in the same worlds, or the intervals, say so."""

from __future__ import annotations

import numpy as np

from perpetuum.runs.questions import autopsy


def blamed(shares, worlds=50):
    """The finding on the bust where switches have these shares: name to (mean, low, high)."""
    spreads = {name: {"shapley": dict(zip(("mean", "low", "high"), share, strict=True))} for name, share in shares.items()}
    bust = {"as_asked": {"mean": 0.6}, "all_off": {"mean": 0.2}, "median_month": None, "shares": spreads}
    bust |= {"highest_coalition": 0.6, "lowest_coalition": 0.2}
    about = {"players": shares, "worlds": worlds, "months": 120, "first_month": "2025-10-01"}
    return autopsy.finding("bust", {**about, "payoffs": {"bust": bust}})


def test_most_of_the_blame_falls_on_a_switch_only_where_its_interval_leaves_all_others_out():
    alone = {"race": (0.30, 0.20, 0.40), "hoarding": (0.05, 0.00, 0.10)}
    assert "Most of the blame falls on the clouds' arms race (+30 points)." in blamed(alone)
    close = {"race": (0.20, 0.10, 0.30), "hoarding": (0.15, 0.05, 0.25)}
    told = blamed(close)
    assert "It is raised by the clouds' arms race (+20 points) and states' hoards of chips (+15 points)" in told
    assert told.endswith("by which of them most cannot be told.")
    assert "too few" in blamed(alone, worlds=2)


def test_who_takes_more_than_another_in_the_same_worlds_is_told_though_their_intervals_overlap():
    """Shares of a world go up and down together: by their own intervals two overlap, by their difference they do not."""
    luck = np.random.default_rng(2).normal(0, 4, 30)
    shares = np.array([5.0 + luck, 3.5 + luck, 0.0 * luck])
    (low, _), (_, high) = (_ends(one) for one in shares[:2])
    assert low < high
    assert autopsy._most(["race", "talk", "rescue"], shares) == {"adds": "race", "takes": ""}
    assert autopsy._most(["race", "talk", "rescue"], -shares) == {"adds": "", "takes": "race"}
    opposite = np.array([3.0 + luck, 2.5 - luck, 0.0 * luck])
    assert autopsy._most(["race", "talk", "rescue"], opposite)["adds"] == ""


def test_of_no_switch_none_stands_out():
    assert autopsy._most([], np.zeros((0, 12))) == {"adds": "", "takes": ""}


def test_luck_alone_makes_nobody_most_to_blame():
    rng = np.random.default_rng(4)
    named = [autopsy._most(list("abcdefgh"), rng.normal(0, 1, (8, 30))) for _ in range(60)]
    assert sum(bool(one["adds"] or one["takes"]) for one in named) <= 4


def _ends(values):
    low, high = autopsy.shapley.bootstrap_interval(values)
    return float(low), float(high)


def test_a_share_whose_interval_reads_zero_at_one_end_is_nobody_s_doing():
    told = blamed({"race": (0.0, 0.0, 0.0), "hoarding": (-0.0004, -0.001, -0.0003)})  # written -0.1 to 0 points
    assert told.endswith("all intervals include zero.")


def test_a_payoff_that_differs_by_rounding_alone_has_nothing_to_share_out():
    apart = {"highest_coalition": 0.02 + 5e-9, "lowest_coalition": 0.02}
    assert autopsy.flat(apart)
    assert not autopsy.flat(apart | {"highest_coalition": 0.0201})
    assert autopsy.flat({"highest_coalition": 30_000.0 + 1e-3, "lowest_coalition": 30_000.0})
    assert not autopsy.flat({"highest_coalition": 1.0, "lowest_coalition": 0.0})
