from lives import opened  # noqa: F401 - a fixture
from serving import serve  # noqa: F401 - a fixture
