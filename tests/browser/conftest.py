from browsing import console, served, shoot  # noqa: F401 - fixtures
