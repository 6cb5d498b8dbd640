"""Spike times as text: tables in any of the usual layouts, and Spike2's text export."""

from .spike_tables import read_table

__all__ = ["read_table"]
