"""Populations of a visit: searched for, told, changed, compared, taken away."""
