"""Settings of all tests."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)  # the first example may compile or fill caches
settings.load_profile("no deadline")
