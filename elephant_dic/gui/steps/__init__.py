"""The numbered steps of the page, and their parts: what is shown, and what is done when it is touched."""
