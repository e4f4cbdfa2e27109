"""What the terminal is told: one escaped line for whatever went wrong, and not too many."""

import io
import logging
import traceback

import pytest

from perpetuum.visualization.app.terminal import LINES, LONGEST, WITHIN, Teller, escaped


@pytest.fixture
def terminal():
    class Terminal:
        now = 0.0
        shown = io.StringIO()

        def __init__(self):
            self.shown = io.StringIO()
            self.log = logging.Logger("visitors")
            self.log.addHandler(Teller(lambda: self.shown, lambda: self.now))

        def lines(self):
            return self.shown.getvalue().splitlines()

    return Terminal()


def test_an_error_is_one_line_without_its_traceback(terminal):
    try:
        int("none")
    except ValueError:
        terminal.log.exception("an event failed")
    (line,) = terminal.lines()
    assert line.startswith("perpetuum: an event failed: ValueError: invalid literal for int()")
    assert "(test_terminal.py:" in line


def test_of_a_traceback_in_words_the_end_is_told(terminal):
    try:
        int("none")
    except ValueError:
        terminal.log.error("Uncaught exception: %s", traceback.format_exc())
    assert terminal.lines() == ["perpetuum: Uncaught exception: ValueError: invalid literal for int() with base 10: 'none'"]


@pytest.mark.parametrize(
    "attack", ["\x1b[2J\x1b[H", "name\nperpetuum: all is well", "\r", "\x9b2J", "\u202eabc", "\u2028", "\x07"]
)
def test_nothing_that_steers_a_terminal_or_forges_a_line_gets_through(terminal, attack):
    terminal.log.warning("unknown page %s", attack)
    (line,) = terminal.lines()
    assert line.isprintable()
    terminal.log.error("failed", exc_info=ValueError(attack))
    assert all(line.isprintable() for line in terminal.lines())
    assert len(terminal.lines()) == 2


def test_a_line_is_no_longer_than_a_line():
    assert len(escaped("a" * 100_000)) < LONGEST + 10


def test_a_thousand_errors_are_ten_lines_and_a_count(terminal):
    for _ in range(1000):
        terminal.log.error("an event failed")
    assert len(terminal.lines()) == LINES + 1
    terminal.now += WITHIN + 1
    terminal.log.error("again")
    assert terminal.lines()[-2:] == [f"perpetuum: {1000 - LINES} more lines were not shown", "perpetuum: again"]


def test_what_is_no_fault_is_not_told(terminal):
    terminal.log.info("somebody opened the page")
    assert terminal.lines() == []


def test_a_message_that_does_not_fit_its_places_is_told_all_the_same(terminal):
    terminal.log.error("%d pages", "many")
    assert terminal.lines() == ["perpetuum: %d pages"]
