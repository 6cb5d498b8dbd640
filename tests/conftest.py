"""Settings of all tests."""

import os

from hypothesis import settings

# The first example may compile or fill caches; a build must not fail by chance where nothing has changed.
settings.register_profile("here", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("here")
