"""The map grows coarse to fine for whoever looks, and stops when nobody does."""

import math
from collections import deque
from concurrent.futures import BrokenExecutor, Future
from fractions import Fraction
from itertools import pairwise

import pandas as pd
import pytest

from perpetuum.model import Scenario
from perpetuum.model.observed.outcome import wilson
from perpetuum.model.scenario import InputError
from perpetuum.model.surroundings.past_squeezes import HISTORY, place_on_ladder
from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import address, map_study
from perpetuum.visualization.app import map as page_map
from perpetuum.visualization.app.map_study import LEVELS, PATIENCE, SLICE, WORLDS, Asked, Maps, State, Tally, grid
from perpetuum.visualization.app.session import Session, Start
from tests.study_folders import DEMAND, FORM, THETA

ASKED = Asked("ono_2025", THETA, DEMAND)
OTHER = Asked("optimist", THETA, DEMAND)


class Worker:
    """An executor that works when told; `done` lists what it was given."""

    def __init__(self):
        self.waiting = deque()
        self.done = []

    def submit(self, work, *arguments):
        future = Future()
        self.waiting.append((future, work, arguments))
        return future

    def work(self, slices=1):
        for _ in range(slices):
            future, work, arguments = self.waiting.popleft()
            self.done.append(arguments)
            try:
                future.set_result(work(*arguments))
            except Exception as error:
                future.set_exception(error)

    def shutdown(self, **_):
        self.waiting.clear()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def computed(monkeypatch):
    """Cells without simulation: one world of eight falls."""
    monkeypatch.setattr(map_study, "compute", lambda asked, cells: {cell: Tally(1, 2, WORLDS) for cell in cells})


@pytest.fixture
def server(computed):
    worker, clock = Worker(), Clock()
    return Maps(lambda: worker, clock), worker, clock


def finish(maps, worker, asked):
    while maps.look(asked).waiting:
        worker.work()


# --- computing ------------------------------------------------------------------------------------------------------


def test_map_grows_coarse_to_fine_and_no_cell_is_computed_twice(server):
    maps, worker, _ = server
    assert maps.look(ASKED).cells == {}
    finish(maps, worker, ASKED)
    given = [cell for _, cells in worker.done for cell in cells]
    assert len(given) == len(set(given))
    assert set(given) == {cell for size in LEVELS for cell in grid(size)}
    assert set(given[: LEVELS[0] ** 2]) == set(grid(LEVELS[0]))
    assert maps.look(ASKED).done == len(LEVELS)
    assert not worker.waiting


def test_a_finer_grid_holds_the_coarser_one_and_only_its_new_cells_are_computed(server):
    maps, worker, _ = server
    before = 0
    for size in LEVELS:
        while maps.look(ASKED).missing(size):
            worker.work()
        assert sum(len(cells) for _, cells in worker.done) == size * size
        assert {cell for _, cells in worker.done[before:] for cell in cells} <= set(grid(size))
        before = len(worker.done)
    assert [set(grid(coarse)) < set(grid(fine)) for coarse, fine in pairwise(LEVELS)] == [True] * (len(LEVELS) - 1)


def test_work_comes_in_slices_so_that_others_need_not_wait(server):
    maps, worker, _ = server
    finish(maps, worker, ASKED)
    assert max(len(cells) for _, cells in worker.done) * WORLDS <= SLICE


def test_a_map_that_nobody_looks_at_rests_and_keeps_what_is_done(server):
    maps, worker, clock = server
    maps.look(ASKED)
    worker.work()
    clock.now += PATIENCE + 1
    worker.work()
    assert not worker.waiting
    kept = len(maps._states[ASKED].cells)
    assert kept == 2 * SLICE // WORLDS
    maps.look(ASKED)
    assert len(worker.waiting) == 1
    worker.work()
    assert len(maps.look(ASKED).cells) > kept


def test_who_comes_later_gets_a_coarse_map_before_others_get_a_finer_one(server):
    maps, worker, _ = server
    maps.look(ASKED)
    worker.work(4)
    assert maps.look(ASKED).done == 1
    maps.look(OTHER)
    worker.work(5)
    assert [asked for asked, _ in worker.done[-4:]] == [OTHER] * 4
    assert maps.look(OTHER).done == 1


def test_two_maps_take_turns_and_two_viewers_share_one(server):
    maps, worker, _ = server
    maps.look(ASKED)
    maps.look(OTHER)
    maps.look(Asked("ono_2025", THETA, DEMAND))
    worker.work(6)
    assert [asked for asked, _ in worker.done] == [ASKED, OTHER] * 3


def test_worlds_that_cannot_be_computed_end_their_map_and_no_other(server, monkeypatch):
    maps, worker, _ = server

    def compute(asked, cells):
        if asked == ASKED:
            raise InputError("no")
        return {cell: Tally(0, 0, WORLDS) for cell in cells}

    monkeypatch.setattr(map_study, "compute", compute)
    maps.look(ASKED)
    maps.look(OTHER)
    worker.work(3)
    assert maps.look(ASKED).failed
    assert not maps.look(ASKED).waiting
    assert maps.look(OTHER).cells


def test_a_worker_that_was_lost_is_replaced(computed):
    class Lost(Worker):
        def submit(self, *_):
            raise BrokenExecutor

    workers = [Worker(), Lost()]
    second = workers[0]
    maps = Maps(workers.pop, Clock())
    maps.look(ASKED)
    maps.look(ASKED)
    second.work()
    assert maps.look(ASKED).cells


def test_maps_kept_are_the_latest_looked_at(server, monkeypatch):
    maps, worker, _ = server
    monkeypatch.setattr(map_study, "KEPT", 3)
    finish(maps, worker, ASKED)
    for seed in (2, 3, 4):
        maps.look(Asked("ono_2025", THETA, DEMAND, seed=seed))
    assert ASKED not in maps._states
    assert len(maps._states) == 3


def test_every_cell_has_the_same_luck_and_its_own_levers_and_failed_worlds_do_not_count(monkeypatch):
    told = {}

    def run_worlds(preset, *, overrides, varied, replicates, **_):
        told.update(overrides=overrides, varied=varied, replicates=replicates)
        tight = varied[THETA]
        states = ["fallen" if theta == 1.0 else "stands_alone" for theta in tight]
        errors = [
            "gone" if theta == 1.0 and replicate == 0 else "" for theta, replicate in zip(tight, replicates, strict=True)
        ]
        return pd.DataFrame({"state": states, "error": errors})

    monkeypatch.setattr(map_study, "run_worlds", run_worlds)
    one, two = (Fraction(0), Fraction(1, 2)), (Fraction(1), Fraction(1, 2))
    tallies = map_study.compute(Asked("ono_2025", THETA, DEMAND, (("clouds.race", 0.3),)), [one, two])
    assert told["replicates"] == [*range(WORLDS)] * 2
    assert told["varied"] == {THETA: [0.0] * WORLDS + [1.0] * WORLDS, DEMAND: [0.8944] * 2 * WORLDS}
    assert told["overrides"] == {"clouds.race": 0.3}
    assert tallies == {one: Tally(0, WORLDS, WORLDS), two: Tally(WORLDS - 1, 0, WORLDS - 1)}


def test_a_cell_is_simulated_by_the_machine_itself():
    cell = (Fraction(1), Fraction(0))
    tallies = map_study.compute(Asked("triangle", THETA, DEMAND, months=2), [cell])
    assert tallies[cell].worlds == WORLDS
    assert tallies[cell].fallen + tallies[cell].stands_alone <= WORLDS


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_cells_that_are_drawn_cover_the_map_once():
    state = State({cell: Tally(1, 2, WORLDS) for cell in grid(LEVELS[0])})
    cells = page_map.drawn(Words("en"), ASKED, state, "fallen")
    assert sum(width * height for _, _, _, width, height, *_ in cells) == pytest.approx(1)
    assert len(cells) == len(grid(LEVELS[0]))


def test_finer_cells_stand_over_coarse_ones_and_replace_them_when_all_are_there():
    coarse = {cell: Tally(1, 2, WORLDS) for cell in grid(LEVELS[0])}
    finer = State(coarse | {cell: Tally(1, 2, WORLDS) for cell in grid(LEVELS[1])[:12]})
    cells = page_map.drawn(Words("en"), ASKED, finer, "fallen")
    keys = [cell[0] for cell in cells]
    assert keys[: len(coarse)] == [page_map.key_of(cell) for cell in coarse]
    assert keys[len(coarse) :] == [page_map.key_of(cell) for cell in grid(LEVELS[1])[:12] if cell not in coarse]
    whole = State(coarse | {cell: Tally(1, 2, WORLDS) for cell in grid(LEVELS[1])})
    cells = page_map.drawn(Words("en"), ASKED, whole, "fallen")
    assert max(cell[3] for cell in cells) == 1 / (LEVELS[1] - 1)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_cell_tells_its_count_and_wilsons_interval(language):
    cell = (Fraction(1, 2), Fraction(1, 4))
    told = page_map.sentence(Words(language), ASKED, State({cell: Tally(3, 0, 8)}), cell, "fallen")
    low, high = wilson(3, 8)
    for figure in ("0.50", "× 0.30", "3", "8", f"{100 * low:.0f}", f"{100 * high:.0f}"):
        assert figure in told


def test_progress_is_told_in_words():
    words = Words("en")
    assert page_map.progress(words, State()) == "5 × 5 cells: 0 of 25 done"
    coarse = State({cell: Tally(0, 0, 8) for cell in grid(5)})
    assert page_map.progress(words, coarse) == "5 × 5 done; refining to 9 × 9: 25 of 81"
    assert page_map.progress(words, State({c: Tally(0, 0, 8) for size in LEVELS for c in grid(size)})).startswith("17 × 17")


def test_squeezes_of_the_past_stand_on_the_axis_of_tightening():
    places = dict(reversed(mark) for mark in page_map.history(ASKED))
    values = Scenario("ono_2025").values
    assert places == pytest.approx({episode.name: place_on_ladder(episode, values) for episode in HISTORY})
    axes = page_map.described(Words("en"), Asked("ono_2025", DEMAND, "clouds.race"))
    assert not axes["across"]["marks"] + axes["up"]["marks"]


def test_the_world_watched_stands_where_its_levers_do_and_its_twin_too():
    session = Session(Start(months=4))
    demand = math.log(10) / math.log(80)  # of an axis from 0.1 to 8 by equal factors, 1 is there
    assert page_map.standing(session, ASKED) == [pytest.approx([0.6, demand])]
    session.fork()
    session.move(THETA, 1.0, world=1)
    assert page_map.standing(session, ASKED) == [pytest.approx([0.6, demand]), pytest.approx([1.0, demand])]


@pytest.mark.parametrize("lever", map_study.AXES)
@pytest.mark.parametrize("place", [Fraction(0), Fraction(1, 4), Fraction(9, 16), Fraction(1)])
def test_a_lever_stands_where_its_value_is(lever, place):
    assert map_study.place_of(lever, map_study.value_at(lever, place)) == pytest.approx(float(place), abs=1e-3)


def test_levers_moved_meanwhile_hold_in_all_cells_and_those_of_the_axes_in_none():
    session = Session(Start(months=4, settings={FORM: "loan", DEMAND: 0.7}))
    session.move("clouds.race", 0.9)
    session.move(THETA, 0.1)
    asked = Asked.of(session, THETA, DEMAND)
    assert dict(asked.settings) == {FORM: "loan", "clouds.race": 0.9}


def test_a_world_starts_where_the_cell_is_and_its_address_says_so():
    session = Session(Start(seed=4, months=4, settings={FORM: "loan"}))
    asked = Asked.of(session, THETA, DEMAND)
    cell = (Fraction(1, 16), Fraction(15, 16))
    start = page_map.start_at(session, asked, page_map.key_of(cell))
    assert start.settings == {FORM: "loan", **asked.values(cell)}
    assert (start.seed, start.months) == (4, 4)
    assert address.read(address.write(Session(start), {})).start == start
    assert page_map.start_at(session, asked, "1/0 <b>") is None


def test_choosing_the_lever_of_the_other_axis_swaps_them():
    before = (THETA, DEMAND, "fallen")
    assert page_map.chosen(before, {"across": DEMAND}) == (DEMAND, THETA, "fallen")
    assert page_map.chosen(before, {"up": "clouds.race"}) == (THETA, "clouds.race", "fallen")
    assert page_map.chosen(before, {"state": "stands_alone"}) == (THETA, DEMAND, "stands_alone")
    assert page_map.chosen(before, {"across": "no.lever", "state": "<b>"}) == before
