"""Settings of all tests."""

import os
import signal

from hypothesis import settings

# The first example may compile or fill caches; a build must not fail by chance where nothing has changed.
settings.register_profile("here", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("here")

# A shell starts what it runs in the background deaf to Ctrl-C, which some tests send.
signal.signal(signal.SIGINT, signal.default_int_handler)
