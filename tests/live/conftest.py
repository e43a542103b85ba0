"""The sample month as live sees it, made once."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from dcc_analytics.live.model import Model
from dcc_analytics.live.server import Server
from tests.live.followed import folded, model_of
from tests.live.served import server_of


@pytest.fixture(scope="session")
def sample_model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    """The model of the sample; nothing changes it."""
    model = model_of(folded(), tmp_path_factory.mktemp("hours"), gathered=1.0)
    yield model
    model.history.__exit__(None, None, None)


@pytest.fixture
def serve(sample_model: Model) -> Callable[..., Server]:
    """Makes servers over it."""
    return partial(server_of, sample_model)


@pytest.fixture
def server(serve: Callable[..., Server]) -> Server:
    """A server that asks for tokens."""
    return serve()


@pytest.fixture
def whole(serve: Callable[..., Server]) -> Server:
    """The same with the routes of the page."""
    return serve(page=True)
