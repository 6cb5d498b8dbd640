"""What the tests of the page share: one server for all that only look at it."""

from importlib.util import find_spec

if find_spec("playwright"):
    from support.browser import address, browser, visit

    __all__ = ["address", "browser", "visit"]  # fixtures
