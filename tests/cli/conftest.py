from nats_server import broker  # noqa: F401 - a fixture
