"""Data of the page's components: handed over as they are, and sent when they change."""

from collections.abc import Callable

import pytest

reacton = pytest.importorskip("reacton")


@pytest.fixture
def figures(tmp_path, monkeypatch):
    from perpetuum.visualization.app import component

    view = tmp_path / "view.vue"
    view.write_text("<template><b>{{ figures }}</b></template>")

    @component.component_vue(str(view))
    def figures_view(figures: list, named: dict, event_press: Callable[[int], None]) -> None: ...

    return figures_view


def test_data_reach_the_browser_as_they_are_and_events_come_back(figures):
    pressed: list[int] = []
    widget, context = reacton.render_fixed(
        figures(figures=[1, [2.5, None]], named={"a": (1, 2)}, event_press=pressed.append)
    )
    state = widget.get_state()
    assert state["figures"] == [1, [2.5, None]]
    assert state["named"] == {"a": (1, 2)}
    widget.vue_press(3)
    assert pressed == [3]
    context.close()


def test_the_same_data_are_not_sent_again_and_other_data_are(figures):
    @reacton.component
    def page():
        months, later = reacton.use_state(0)
        page.later = later
        return figures(figures=[months // 2], named={"a": [1]}, event_press=print)

    widget, context = reacton.render_fixed(page())
    sent: list[str] = []
    widget.observe(lambda change: sent.append(change["name"]), ["figures", "named"])
    page.later(1)
    assert sent == []
    page.later(2)
    assert sent == ["figures"]
    context.close()
