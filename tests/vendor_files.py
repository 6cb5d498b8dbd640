"""The writers of `support.vendor_files`, for scripts from outside that have this folder on their path."""

from support.vendor_files import *  # noqa: F403
