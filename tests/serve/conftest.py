from lives import opened  # noqa: F401 - a fixture
