"""The band of background worlds: what it is, computed once, beside the page, and what is shown until it is there."""

import json
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import Executor, Future

import numpy as np
import pytest

from perpetuum.model import Economy, Scenario
from perpetuum.model.observed.states import SPINNING, months_simulated
from perpetuum.model.scenario import load_preset
from perpetuum.model.uncertainty import draw
from perpetuum.runs.commands import cli
from perpetuum.visualization.app import background
from perpetuum.visualization.app import worker as worker_module
from perpetuum.visualization.app.background import SEED, WORLDS, Background, Band, Request, moves_of, simulate
from perpetuum.visualization.app.session import Session, Start
from perpetuum.visualization.app.worker import UnwantedError

START = Start(months=8)
FEW = 4


class ByHand(Executor):
    """A worker that works when told to."""

    def __init__(self):
        self.jobs = []
        self.asked = []

    def submit(self, work, request, worlds):
        self.asked.append(request)
        self.jobs.append((work, request, worlds, Future()))
        return self.jobs[-1][-1]

    def work(self):
        work, request, worlds, future = self.jobs.pop(0)
        try:
            future.set_result(work(request, worlds))
        except Exception as error:
            future.set_exception(error)


@pytest.fixture
def worker():
    return ByHand()


@pytest.fixture
def others(worker):
    return Background(worlds=FEW, open_executor=lambda: worker)


def after(session, months):
    for _ in range(months):
        session.step()
    return session


def test_the_band_is_that_of_worlds_of_other_luck():
    band = simulate(Request.of(START), 20)
    drawn = draw(load_preset("ono_2025").unknowns, SEED, np.arange(20))
    economy = Economy(Scenario(overrides=drawn, worlds=20, seed=SEED, months=months_simulated(8)))
    economy.run()
    expected = np.percentile(economy.series["vendor_market_cap"] / 1000, (5, 50, 95), axis=0)
    for end, values in zip((band.low, band.middle, band.high), expected, strict=True):
        assert end["vendor_market_cap"] == pytest.approx(values, abs=0.002)
    states = economy.outcome().dates.state
    assert band.odds["spinning"] == pytest.approx((states == SPINNING).mean(axis=0), abs=1e-4)
    assert {len(shares) for shares in band.odds.values()} == {8}
    assert np.sum(list(band.odds.values()), axis=0) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_the_page_and_the_command_tell_the_same_odds(tmp_path, capsys):
    arguments = ["--months", "72", "--no-figures", "--no-side-studies", "--json", "--out", str(tmp_path / "there")]
    assert cli.main(["run", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    band = simulate(Request.of(Start(months=72)))
    assert (told["worlds"], told["seed"]) == (WORLDS, SEED)
    assert band.odds["fallen"][-1] > 0.2
    for page, command in (("fallen", "fallen"), ("stands_alone", "alone"), ("smaller", "smaller"), ("spinning", "spinning")):
        assert band.odds[page] == pytest.approx([month[command]["share"] for month in told["odds"]["asked"]], abs=1e-4)


def test_what_a_viewer_sets_from_the_start_is_not_drawn(monkeypatch):
    drawn = []
    monkeypatch.setattr(background, "draw", lambda unknowns, *_: drawn.append({one.name for one in unknowns}) or {})
    simulate(Request.of(Start(months=1)), FEW)
    simulate(Request.of(Start(months=1, settings={"demand.strength": 0.5})), FEW)
    assert drawn[0] - drawn[1] == {"demand.strength"}


def test_levers_are_moved_in_the_background_when_they_were():
    calm = simulate(Request.of(START), FEW)
    moved = simulate(Request.of(START, ((5, "demand.strength", 0.4),)), FEW)
    assert moved.middle["external_ai_revenue"][:5] == calm.middle["external_ai_revenue"][:5]
    assert moved.middle["external_ai_revenue"][7] < calm.middle["external_ai_revenue"][7]


def test_the_moves_that_count_are_those_of_the_watched_world():
    session = after(Session(START), 1)
    session.move("demand.strength", 0.9)
    session.fork()
    session.move("demand.strength", 0.5, world=1)
    session.move("states.hoarding", 2.0, world=0)
    assert moves_of(session) == ((1, "demand.strength", 0.9), (1, "states.hoarding", 2.0))
    session.join(keep=1)
    assert moves_of(session) == ((1, "demand.strength", 0.9), (1, "demand.strength", 0.5))


def test_sessions_share_a_band_that_is_computed_once_whatever_their_seed(others, worker):
    first, second = Session(START), Session(Start(seed=7, months=8))
    assert others.shown(first).band is None
    assert others.shown(second).waiting
    worker.work()
    assert others.shown(first).band is others.shown(second).band is not None
    assert len(worker.asked) == 1
    assert not others.shown(first).waiting


def test_after_a_lever_the_band_from_before_stands_until_the_new_one_is_there(others, worker):
    session = after(Session(START), 2)
    others.shown(session)
    worker.work()
    before = others.shown(session).band
    session.move("demand.strength", 0.5)
    shown = others.shown(session)
    assert (shown.band, shown.stale, shown.waiting) == (before, True, True)
    assert others.typical(session) is None
    assert others.expected(session) is None
    worker.work()
    shown = others.shown(session)
    assert (shown.stale, shown.waiting) == (False, False)
    assert shown.band is not before
    session.rewind(0)
    assert others.shown(session).band is before


def test_of_a_session_only_the_latest_request_waits(others, worker):
    session = Session(START)
    others.shown(session)
    for strength in (0.9, 0.8, 0.7):
        session.move("demand.strength", strength)
        others.shown(session)
    worker.work()
    others.shown(session)
    worker.work()
    assert [request.moves for request in worker.asked] == [(), ((0, "demand.strength", 0.7),)]
    assert not worker.jobs
    assert not others.shown(session).waiting


def test_what_another_session_asks_for_is_not_dropped(others, worker):
    mine, theirs = Session(START), Session(START)
    others.shown(mine)
    for session in (mine, theirs):
        session.move("demand.strength", 0.9)
        others.shown(session)
    mine.move("demand.strength", 0.8)
    others.shown(mine)
    for _ in range(3):
        worker.work()
    assert [request.moves[0][2] for request in worker.asked[1:]] == [0.8, 0.9]  # the latest first


def test_worlds_that_fail_are_not_asked_for_again(others, worker, monkeypatch):
    session = Session(START)
    monkeypatch.setattr(background, "simulate", lambda *_: 1 / 0)
    others.shown(session)
    worker.work()
    shown = others.shown(session)
    assert (shown.band, shown.waiting, len(worker.asked)) == (None, False, 1)


def test_a_second_start_finds_the_band_on_disk(tmp_path, worker):
    first = Background(tmp_path, FEW, lambda: worker)
    first.shown(Session(START))
    worker.work()
    computed = first.shown(Session(START)).band

    second = Background(tmp_path, FEW, lambda: pytest.fail("nothing is to be computed"))
    kept = second.shown(Session(START)).band
    assert kept.low == computed.low
    assert (kept.placed == computed.placed).all()


def test_other_settings_presets_and_code_are_not_served_from_disk(tmp_path, worker, monkeypatch):
    Background(tmp_path, FEW, lambda: worker).shown(Session(START))
    worker.work()
    for start in (Start(months=9), Start(preset="triangle", months=8), Start(settings={"demand.strength": 0.9}, months=8)):
        assert Background(tmp_path, FEW, lambda: worker).shown(Session(start)).waiting
    monkeypatch.setattr(background.fingerprint, "of_code", lambda: "changed")
    assert Background(tmp_path, FEW, lambda: worker).shown(Session(START)).waiting


def test_a_damaged_file_or_folder_is_done_without(tmp_path, worker):
    Background(tmp_path, FEW, lambda: worker).shown(Session(START))
    worker.work()
    (file,) = tmp_path.glob("*.npz")
    file.write_bytes(file.read_bytes()[:100])
    assert Background(tmp_path, FEW, lambda: worker).shown(Session(START)).waiting

    (tmp_path / "taken").write_text("a file")
    others = Background(tmp_path / "taken", FEW, lambda: worker)
    others.shown(Session(START))
    worker.jobs = worker.jobs[-1:]
    worker.work()
    assert others.shown(Session(START)).band is not None


def test_a_world_is_placed_by_how_many_sell_less():
    band = Band({}, {}, {}, np.array([[10.0], [20.0], [20.0], [30.0]]), {}, 4)
    assert [band.fraction_below(sold, 0) for sold in (5, 15, 20, 40)] == [0, 0.25, 0.5, 1]


def test_weak_demand_puts_a_world_low_among_the_others(others, worker):
    session = after(Session(START), 6)
    others.shown(session)
    worker.work()
    strong = session.economy.collector.values["vendor_revenue"]
    strong.rows[: len(strong)] *= 3
    assert others.typical(session) == 1.0
    strong.rows[: len(strong)] /= 90
    assert others.typical(session) == 0.0


def test_among_others_that_are_all_the_same_no_world_has_a_place(others, worker):
    session = after(Session(Start("triangle", months=12)), 6)
    others.shown(session)
    worker.work()
    assert others.shown(session).band is not None
    assert others.typical(session) is None


def test_a_band_serves_many_sessions_and_old_ones_are_let_go(others, worker, monkeypatch):
    monkeypatch.setattr(background, "IN_MEMORY", 2)
    for months in (2, 3, 4):
        others.shown(Session(Start(months=months)))
        worker.work()
    assert others.shown(Session(Start(months=4))).band is not None
    assert others.shown(Session(Start(months=2))).waiting


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="looks at processes in /proc")
@pytest.mark.slow
def test_a_process_beside_the_page_computes_and_leaves_with_it():
    page = textwrap.dedent(
        """
        import os, time
        from perpetuum.visualization.app.background import Background
        from perpetuum.visualization.app.session import Start

        if __name__ == "__main__":
            others = Background(worlds=2)
            while others.band(Start(months=2)) is None:
                time.sleep(0.05)
            print(others._worker.executor.submit(os.getpid).result(), flush=True)
            time.sleep(600)
        """
    )
    process = subprocess.Popen([sys.executable, "-c", page], stdout=subprocess.PIPE, text=True)
    try:
        worker = int(process.stdout.readline())
        assert worker != process.pid
        assert _runs(worker)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    for _ in range(200):
        if not _runs(worker):
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived the page")


def _runs(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as status:  # a dead child that nobody has buried does not run
        return status.read().rsplit(")", 1)[1].split()[0] != "Z"


# --- whom it serves --------------------------------------------------------------------------------------------------


def starts(count):
    return [Start(months=8, settings={"demand.strength": 1 + n / 10}) for n in range(count)]


def test_who_asked_last_is_served_first(others, worker):
    first, second, third = starts(3)
    for owner, start in enumerate((first, second, third)):
        others.band(start, owner=owner)
    worker.work()
    worker.work()
    worker.work()
    assert [request.settings for request in worker.asked] == [Request.of(s).settings for s in (first, third, second)]


def test_what_is_asked_for_again_by_another_comes_next(others, worker):
    first, second, third = starts(3)
    for owner, start in enumerate((first, second, third)):
        others.band(start, owner=owner)
    others.band(second, owner="newcomer")
    worker.work()
    assert worker.asked[-1] == Request.of(second)


def test_nothing_is_computed_for_a_session_that_has_ended(others, worker):
    first, second, third = starts(3)
    for owner, start in enumerate((first, second, third)):
        others.band(start, owner=owner)
    others.forget(2)
    worker.work()
    worker.work()
    assert worker.asked == [Request.of(first), Request.of(second)]


def test_work_for_an_ended_session_alone_is_given_up(others, monkeypatch):
    given_up = []
    monkeypatch.setattr(others._worker, "give_up", lambda: given_up.append(others._running))
    (start,) = starts(1)
    others.band(start, owner="anna")
    others.band(start, owner="bert")
    others.forget("anna")
    assert given_up == []
    others.forget("bert")
    assert given_up == [Request.of(start)]


def test_work_that_was_given_up_has_not_failed_and_what_is_asked_for_again_is_done(others, worker, monkeypatch):
    monkeypatch.setattr(background, "simulate", unwanted)
    first, second = starts(2)
    others.band(first, owner="anna")
    others.forget("anna")
    others.band(first, owner="bert")
    others.band(second, owner="carl")
    worker.work()
    monkeypatch.undo()
    assert worker.asked == [Request.of(first), Request.of(first)]
    worker.jobs[0] = (simulate, *worker.jobs[0][1:])
    worker.work()
    assert others.band(first) is not None


def unwanted(*_):
    raise UnwantedError


@pytest.mark.slow
def test_a_process_leaves_off_what_nobody_wants_and_goes_on_with_the_next():
    with worker_module.Process(0) as process:
        endless = process.submit(until_unwanted)
        while not endless.running():
            time.sleep(0.01)
        process.give_up()
        with pytest.raises(UnwantedError):
            endless.result()
        assert process.submit(abs, -3).result() == 3


def until_unwanted():
    while True:
        worker_module.go_on()
