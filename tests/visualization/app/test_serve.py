"""The server that serves the page ends when it is told to, and takes its workers along."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request

import pytest

from perpetuum.model.scenario import preset_names
from perpetuum.visualization.app import replay
from perpetuum.visualization.app import serve as serving
from perpetuum.visualization.app.session import Session
from tests.browser.harness import ROOT, free_port

#: Seconds in which a busy machine does what takes one. The worlds being computed would take minutes.
PATIENCE = 30
SERVING = """
    import os
    from perpetuum.visualization.app import background, worker
    from perpetuum.visualization.app.serve import serve
    from perpetuum.visualization.app.session import Start

    others = background.shared()
    others._worker.executor = worker.open_process()
    print(others._worker.executor.submit(os.getpid).result(), flush=True)
    others.band(Start(months=600))
    serve("127.0.0.1", {port})
"""


def answers(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def runs(process):
    """Whether a process that may not be ours does anything still."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.slow
def test_ctrl_c_ends_the_server_and_its_worker_while_worlds_are_computed(tmp_path):
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SERVING).format(port=port)],
        cwd=ROOT,
        env=os.environ | {"XDG_CACHE_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        worker = int(server.stdout.readline())
        deadline = time.monotonic() + PATIENCE
        while not answers(port) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert runs(worker)
        # As a terminal does: to all processes in it.
        os.killpg(server.pid, signal.SIGINT)
        out, err = server.communicate(timeout=PATIENCE)
    finally:
        server.kill()
    assert server.returncode == 0
    assert (out, err) == ("", "")
    deadline = time.monotonic() + PATIENCE
    while runs(worker) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs(worker)


def test_what_the_first_page_waits_for_is_loaded_while_the_server_is_put_together(monkeypatch):
    """A server that was started again answered, and then loaded for two seconds what its first page needs."""
    loaded = threading.Event()

    class StopError(Exception):
        pass

    def application(door):
        assert loaded.wait(PATIENCE)
        raise StopError

    monkeypatch.setattr(serving, "_load", loaded.set)
    monkeypatch.setattr(serving, "application", application)
    monkeypatch.setattr(serving.memory, "share_one_heap", lambda: None)
    with pytest.raises(StopError):
        serving.serve("127.0.0.1", 0)


def test_loading_lives_months_of_the_machine_that_pages_open_with_and_reads_the_menu_s_presets(monkeypatch):
    lived, read = [], []
    monkeypatch.setattr(Session, "step", lambda session: lived.append(session.start))
    monkeypatch.setattr(serving, "load_preset", read.append)
    apart = []
    monkeypatch.setattr(serving.memory, "set_apart", lambda: apart.append(len(read)))
    serving._load()
    assert apart == [len(read)], "the program itself, once it is loaded"
    assert lived == [replay.opening().start] * 2
    assert read == list(preset_names())


def test_what_pages_share_is_computed_before_anybody_asks(monkeypatch):
    from perpetuum.visualization.app import levers, machine

    asked = []
    monkeypatch.setattr(machine, "ways", lambda preset: asked.append(("ways", preset)))
    monkeypatch.setattr(levers, "revenue_2030", lambda preset: asked.append(("revenue", preset)))
    serving._warm()
    preset = replay.opening().start.preset
    assert asked == [("ways", preset), ("revenue", preset)]
