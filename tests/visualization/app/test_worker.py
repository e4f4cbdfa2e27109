"""What is opened for work beside the server belongs to no session: none is held by it when it is closed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from solara.server import app, kernel_context

from perpetuum.visualization.app.worker import Worker


@pytest.fixture
def session():
    async def opened():
        return kernel_context.create_dummy_context()

    return asyncio.run(opened())


def test_a_thread_that_outlives_a_session_does_not_hold_it(session):
    assert app.patch  # as in a server: each thread gets the session in which it was started
    done = []
    worker = Worker(lambda: ThreadPoolExecutor(1))
    with session:
        assert worker.submit(lambda *ended: done.append(ended), kernel_context.has_current_context)
        assert kernel_context.get_current_context() is session
    executor = worker.executor
    worker.close()
    executor.shutdown(wait=True)
    assert done == [(False, None)]
