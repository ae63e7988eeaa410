from kafka_server import kafka_server  # noqa: F401 - a fixture
from lives import opened  # noqa: F401 - a fixture
from nats_server import broker  # noqa: F401 - a fixture
from redis_server import redis_server  # noqa: F401 - a fixture
from serving import catalogue_of, serve  # noqa: F401 - fixtures
