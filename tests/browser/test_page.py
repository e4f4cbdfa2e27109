"""A viewer at the page: levers, the fork, the tabs, both languages, files, and company."""

import csv

import pytest

from tests.browser.harness import wait_until

SHORT = "preset=ono_2025&seed=1&months=40"


def test_page_opens_complete(open_page):
    viewer = open_page()
    assert viewer.text(".head .name") == "perpetuum"
    assert viewer.month() == 0
    assert viewer.count(".dials .dial") >= 3 or viewer.text(".verdict .sentence")
    assert viewer.count(".machine [data-node]") > 8
    assert viewer.count(".levers .main .lever") >= 5
    assert viewer.count(".foot .tab") == 5
    viewer.page.wait_for_selector(".charts .chart canvas")
    assert viewer.count(".notice") == 0
    assert viewer.address() == {"preset": "ono_2025", "seed": "1", "month": "0", "lang": "en", "tab": "money"}


def test_step_lets_one_month_pass_by_button_and_by_key(open_page):
    viewer = open_page(SHORT)
    viewer.page.click(".head .step")
    viewer.at_month(1)
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(2)
    assert "month 2 · Nov 2025" in viewer.text(".head .month")
    viewer.page.keyboard.press("ArrowLeft")
    viewer.at_month(1)


def test_a_lever_shows_that_it_was_taken_and_stands_in_the_address(open_page):
    viewer = open_page(SHORT)
    viewer.page.click(".head .step")
    viewer.at_month(1)
    viewer.slide("demand.strength", 0.5)
    viewer.page.wait_for_selector(".lever[data-lever='demand.strength'] .taken")
    viewer.until(lambda: viewer.address().get("moves") == "1:demand.strength=0.5", "the move in the address")
    viewer.page.wait_for_selector(".levers .moved .one")
    viewer.page.wait_for_selector(".timeline .mark")
    viewer.page.click(".head .step")
    viewer.at_month(2)
    viewer.page.wait_for_selector(".lever[data-lever='demand.strength'] .taken", state="detached")
    assert viewer.page.input_value(".lever[data-lever='demand.strength'] input") == "0.5"


def test_fork_splits_the_world_and_the_twin_may_get_other_levers(open_page):
    viewer = open_page(f"{SHORT}&month=3")
    viewer.page.click(".levers .fork")
    viewer.until(lambda: viewer.count(".machine .ring") == 2, "two rings")
    assert viewer.count(".verdict .sentence") == 2
    viewer.page.click(".levers [data-target=twin]")
    viewer.slide("funding.tightening", 1)
    viewer.until(lambda: viewer.address().get("moves") == "3:fork;3:funding.tightening=1@1", "the twin's move")
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(4)
    viewer.page.keyboard.press("f")
    viewer.until(lambda: viewer.count(".machine .ring") == 1, "one ring")


def test_rewinding_takes_back_what_was_moved_later(open_page):
    viewer = open_page(f"{SHORT}&moves=2:demand.strength=0.5;8:funding.tightening=1&month=12")
    viewer.at_month(12)
    viewer.travel(6)
    viewer.until(lambda: viewer.address().get("moves") == "2:demand.strength=0.5", "only the earlier move")
    viewer.page.keyboard.press("Home")
    viewer.at_month(0)
    viewer.until(lambda: "moves" not in viewer.address(), "no moves")


def test_what_if_funding_had_not_tightened_takes_one_click(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=40&month=30&funding.tightening=1")
    viewer.at_month(30)
    viewer.page.click(".levers .whatif")
    viewer.until(lambda: viewer.count(".machine .ring") == 2, "two rings")
    viewer.at_month(30)
    moves = viewer.address()["moves"].split(";")
    assert [move.split(":")[1] for move in moves] == ["fork", "funding.tightening=0@1"]
    assert int(moves[0].split(":")[0]) < 30


@pytest.mark.parametrize("tab", ["money", "prices", "firms"])
def test_tabs_of_charts_draw(open_page, tab):
    viewer = open_page(f"{SHORT}&month=4")
    viewer.page.click(f".foot .tab-{tab}")
    viewer.page.wait_for_selector(f".open-tab.{tab} .chart canvas")
    viewer.until(lambda: viewer.address()["tab"] == tab)
    assert all(viewer.page.locator(".chart .unit").all_inner_texts())


def test_books_sum_to_zero_and_an_entry_shows_its_postings(open_page):
    viewer = open_page(f"{SHORT}&month=4")
    viewer.page.click(".foot .tab-books")
    viewer.page.wait_for_selector(".books-view.sheets table")
    claims = viewer.page.locator(".books-view tbody tr:not(.real) td.sum").all_inner_texts()
    assert len(claims) > 8
    assert set(claims) == {"0"}
    viewer.page.click(".books-view .view-flows")
    viewer.page.wait_for_selector(".books-view.flows table")
    assert set(viewer.page.locator(".books-view tbody td.sum").all_inner_texts()) == {"0"}
    viewer.page.locator(".books-view tbody tr:not(.part) td:not(.sum)").filter(has_text="1").first.click()
    viewer.page.wait_for_selector(".books-view .entry li")


def test_a_click_on_a_firm_opens_its_books(open_page):
    viewer = open_page(f"{SHORT}&month=4&tab=books")
    viewer.page.locator("[data-node='lead_lab']").first.click(force=True)
    viewer.page.wait_for_selector(".books-view .sheet section")
    assert viewer.page.input_value(".books-view .glass select") == "lead_lab"


def test_first_cells_of_the_map_appear_while_one_waits(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=6&tab=map")
    viewer.page.wait_for_selector(".mapbox .here")
    viewer.page.wait_for_selector(".map .cell", state="attached")
    assert viewer.count(".mapbox .here") == 1
    viewer.page.click(".map [data-state=stands_alone]")
    viewer.page.wait_for_selector(".map [data-state=stands_alone].chosen")
    # A map that nobody looks at rests.
    viewer.page.click(".foot .tab-money")
    viewer.page.wait_for_selector(".open-tab.money .chart canvas")


def test_what_happened_leads_the_charts_to_its_month(open_page):
    viewer = open_page(f"{SHORT}&month=14")
    viewer.page.locator(".happened .line").first.click()
    viewer.page.wait_for_selector(".happened section.looking")


def test_language_is_switched_in_place(open_page):
    viewer = open_page(f"{SHORT}&month=5")
    viewer.page.click(".head .language")
    viewer.until(lambda: "播放" in viewer.text(".head .play"), "Chinese")
    assert viewer.month() == 5
    viewer.until(lambda: viewer.page.get_attribute("html", "lang") == "zh-Hans", "the document's language")
    viewer.until(lambda: viewer.text(".foot .tab-books") == "账簿", "the tabs")
    viewer.page.keyboard.press("l")
    viewer.until(lambda: "Play" in viewer.text(".head .play"), "English")
    assert viewer.month() == 5


def test_series_and_charts_are_downloaded(open_page, tmp_path):
    viewer = open_page(f"{SHORT}&month=4")
    viewer.page.wait_for_selector(".chart canvas")
    with viewer.page.expect_download() as waiting:
        viewer.page.click(".charts .csv")
    waiting.value.save_as(tmp_path / "series.csv")
    rows = list(csv.reader((tmp_path / "series.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert waiting.value.suggested_filename.endswith(".csv")
    assert len([row for row in rows if row and not row[0].startswith("#")]) == 1 + 4
    with viewer.page.expect_download() as waiting:
        viewer.page.locator(".chart .image").first.click(force=True)
    waiting.value.save_as(tmp_path / "chart.png")
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


def test_predict_first_hides_the_verdict_until_the_end_and_shows_the_vote_beside_it(open_page):
    viewer = open_page("preset=ono_2025&seed=1&months=5")
    viewer.page.wait_for_selector(".chart-odds canvas")
    viewer.page.click(".head .predict")
    viewer.page.wait_for_selector(".predictbox .ask")
    assert viewer.count(".verdictrow .sentence") == 0
    viewer.page.locator("[data-vote=fallen] button").last.click()
    viewer.until(lambda: viewer.text("[data-vote=fallen] b") == "1", "the vote")
    viewer.page.click(".predictbox .run")
    viewer.at_month(16)
    viewer.page.wait_for_selector(".predictbox .result .outcome")
    viewer.page.click(".predictbox .done")
    viewer.page.wait_for_selector(".verdictrow .sentence")


def test_two_sessions_at_once_have_their_own_machines(open_page):
    one, other = open_page(SHORT), open_page(f"{SHORT}&lang=zh")
    one.page.click(".head .step")
    one.at_month(1)
    other.slide("demand.strength", 0.5)
    other.until(lambda: "moves" in other.address())
    assert other.month() == 0
    one.page.click(".head .step")
    one.at_month(2)
    assert "moves" not in one.address()
    assert "Play" in one.text(".head .play")


def test_reload_brings_the_machine_back_from_its_address(open_page):
    viewer = open_page("preset=ono_2025&seed=3&world=2&months=40&month=4&demand.strength=0.7&tab=prices")
    viewer.page.keyboard.press("f")
    viewer.until(lambda: viewer.count(".machine .ring") == 2)
    viewer.page.keyboard.press("ArrowRight")
    viewer.at_month(5)
    before, said = viewer.page.url, viewer.text(".verdictrow")
    viewer.page.reload()
    viewer.complete()
    viewer.at_month(5)
    assert viewer.page.url == before
    assert viewer.count(".machine .ring") == 2
    assert viewer.text(".verdictrow") == said


def test_bad_values_in_the_address_give_a_notice_and_the_default(open_page):
    viewer = open_page("preset=nonsense&seed=-4&month=x&demand.strength=99&funding.tightning=1&lang=xx&tab=nowhere&speed=3")
    said = viewer.text(".notice")
    for name in ("nonsense", "seed", "month", "demand.strength", "funding.tightning", "xx", "nowhere", "speed"):
        assert name in said
    assert viewer.address() == {"preset": "ono_2025", "seed": "1", "month": "0", "lang": "en", "tab": "money"}
    viewer.page.click(".notice button")
    viewer.page.wait_for_selector(".notice", state="detached")


MARKUP = "<img src=x onerror=alert(1)>"


def test_markup_in_the_address_is_text(open_page):
    viewer = open_page(f"preset={MARKUP}&{MARKUP}=1&seed={MARKUP}&moves=1:{MARKUP}=2")
    assert "<img" in viewer.text(".notice")
    assert viewer.count(".perpetuum img") == 0


def test_markup_typed_into_a_field_is_text(open_page):
    viewer = open_page(SHORT)
    viewer.page.fill(".head .seed", "<img src=x")  # the field takes ten characters
    viewer.page.press(".head .seed", "Enter")
    viewer.page.wait_for_selector(".notice")
    assert "<img" in viewer.text(".notice")
    assert viewer.page.input_value(".head .seed") == "1"
    viewer.page.click(".levers .more")
    viewer.page.fill(".levers input[type=search]", MARKUP)
    viewer.page.wait_for_selector(".levers .none")
    assert viewer.count(".perpetuum img") == 0
    assert viewer.address()["seed"] == "1"


def test_another_seed_begins_another_world(open_page):
    viewer = open_page(f"{SHORT}&month=3")
    viewer.page.fill(".head .seed", "7")
    viewer.page.press(".head .seed", "Enter")
    viewer.until(lambda: viewer.address()["seed"] == "7", "the seed")
    viewer.at_month(0)


def test_closing_a_tab_ends_its_session(open_page, server):
    viewer = open_page(SHORT)
    kept = server.sessions()
    viewer.close()
    wait_until(lambda: server.sessions() < kept, "the end of the session")
