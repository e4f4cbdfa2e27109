"""The page is served once for all tests of this folder; every test opens tabs of its own, in which nothing may go wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.harness import Server, Viewer, browser_of, why_not


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder drives the page in a browser."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker("browser")


@pytest.fixture(scope="package")
def server():
    """The server of these tests."""
    if why_not():
        pytest.skip(why_not())
    served = Server()
    yield served
    served.close()


@pytest.fixture(scope="package")
def chromium(server):
    """The browser of these tests."""
    with browser_of() as browser:
        yield browser


@pytest.fixture
def open_page(chromium, server):
    """Open the page: `open_page("seed=2")`. Console errors, and requests that leave the machine, fail the test."""
    viewers: list[Viewer] = []

    def open_one(query: str = "", screen: dict | None = None) -> Viewer:
        viewers.append(Viewer(chromium, server, query, screen))
        return viewers[-1]

    yield open_one
    for viewer in viewers:
        viewer.close()
    assert [wrong for viewer in viewers for wrong in viewer.wrong] == []
