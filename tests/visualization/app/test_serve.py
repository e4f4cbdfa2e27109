"""The server that serves the page ends when it is told to, and takes its workers along."""

import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request

import pytest

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
