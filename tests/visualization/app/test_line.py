"""What a browser sends: the page's messages are done, everything else is dropped; what breaks is one sentence."""

import json
from types import SimpleNamespace

import ipywidgets
import pytest
import solara

from perpetuum.model.words.speech import Words
from perpetuum.visualization.app import arrival, page
from perpetuum.visualization.app.line import NAME, understood
from perpetuum.visualization.app.turns import Gone


def message(kind="comm_msg", channel="shell", **content):
    header = {"msg_id": "1", "msg_type": kind}
    return json.dumps({"header": header, "content": {"comm_id": "c", "data": {}} | content, "channel": channel})


def test_messages_of_the_page_are_understood():
    assert understood(message())["content"] == {"comm_id": "c", "data": {}}
    assert understood(message("comm_open", target_name="solara.control")) is not None
    assert understood(message("kernel_info_request")) is not None


def parts(*ends):
    """A message that says of itself that it has parts at these places; the first is a message of the page."""
    plain = message().encode()
    begin = 4 * (len(ends) + 1)
    places = [end if end is not None else begin for end in ends]
    return b"".join(number.to_bytes(4) for number in (len(ends), *places)) + plain


def test_a_message_without_buffers_has_none_and_those_it_has_stand_one_behind_the_other():
    assert understood(message())["buffers"] == []
    assert understood(json.dumps(json.loads(message()) | {"buffers": 3}))["buffers"] == []
    whole = parts(None)
    assert understood(whole)["buffers"] == []
    assert understood(parts(None, 12 + len(message())))["buffers"] == [b""]


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "{}",
        "[]",
        "null",
        "12",
        "{",
        "[" * 100_000,
        b"",
        b"\x00\x00\x00\x01",
        b"\xff\xff\xff\xff",
        b"\x7f\xff\xff\xff" * 4,
        parts(0),
        parts(None, 2**31),
        # Buffers that are the whole message again and again: a megabyte would become thirty.
        parts(*(place for _ in range(30) for place in (132, 132 + len(message())))),
        json.dumps({"header": [], "content": {}}),
        json.dumps({"header": {"msg_type": "comm_msg"}, "content": {}, "channel": "shell"}),
        json.dumps({"header": {"msg_type": {}, "msg_id": "1"}, "content": {}, "channel": "shell"}),
        message("execute_request"),
        message("comm_msg", channel=3),
        message(comm_id=["c"]),
        message(data="run"),
        message("comm_open", target_name="jupyter.widget"),
        message("comm_open", target_name={"a": 1}),
    ],
)
def test_anything_else_is_dropped(sent):
    assert understood(sent) is None


@pytest.mark.parametrize(
    "name", ["", "short", "../../etc", "a/b/c/d/e/f", "a" * 65, "a space in it", "1234567890\n", "编码编码编码"]
)
def test_names_of_sessions_are_plain(name):
    assert NAME.match(name) is None


def test_a_session_made_by_a_browser_has_such_a_name():
    assert NAME.match("fd33f1a2-6e1c-4d0a-8f0e-3b9c5f2d7a10")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_breaks_is_one_sentence_and_a_button_to_begin_anew(language):
    words = Words(language)
    shown = arrival.broken(words)
    sentence, _, button = shown.children
    assert sentence == words("lost.broke")
    assert (button.children, button.attributes) == ([words("lost.again")], {"href": f"/?lang={language}"})


@pytest.fixture
def session(monkeypatch):
    shown = SimpleNamespace(children=[])
    opened = SimpleNamespace(id="session1", session_id="anna", container=shown, app_object=None)
    monkeypatch.setattr(arrival.kernel_context, "get_current_context", lambda: opened)
    return opened


def test_a_page_that_cannot_be_opened_shows_no_traceback(session, monkeypatch, caplog):
    def fails(*_):
        raise ZeroDivisionError("somewhere within")

    monkeypatch.setattr(arrival, "Desk", fails)
    arrival.arrive(None, None, "/?preset=triangle&lang=zh")
    (shown,) = session.container.children
    assert shown.children[0] == Words("zh")("lost.broke")
    assert "ZeroDivisionError" in caplog.text


def test_a_page_whose_visitor_left_is_not_opened(session, monkeypatch):
    monkeypatch.setattr(arrival, "Desk", lambda *_: pytest.fail("opened"))
    visit = arrival.visits.shared.enter("session1", "anna")
    arrival.visits.shared.leave(visit)
    with arrival.turns.shared.turn(), arrival.turns.shared.turn(), pytest.raises(Gone):
        arrival.arrive(None, None, "/?preset=triangle")
    arrival.visits.shared.end(visit)


def test_a_page_that_breaks_while_it_is_drawn_shows_one_sentence(monkeypatch):
    def fails(_):
        raise ZeroDivisionError("somewhere within")

    monkeypatch.setattr(page.arrival, "my_desk", lambda: None)
    monkeypatch.setattr(page.replay, "address_of", fails)
    _, drawn = solara.render(page.Page(), handle_error=False)
    try:
        said = str(drawn.find(ipywidgets.Widget).widgets)
        assert Words("en")("lost.broke") in said
        assert "Traceback" not in said
    finally:
        drawn.close()
