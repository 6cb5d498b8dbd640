"""Where a file is dropped or chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nicegui import ui

#: A name for the button of the uploader, which is made anew after each upload, for those who do not see it.
_NAMED = """
const start = (times) => {{
  const box = getHtmlElement({id});
  if (!box) {{  // not there yet, or not any more
    if (times) setTimeout(() => start(times - 1), 100);
    return;
  }}
  const name = () => box.querySelector("a:not([aria-label])")?.setAttribute("aria-label", "{name}");
  new MutationObserver(name).observe(box, {{childList: true, subtree: true}});
  name();
}};
start(20);
"""


def uploader(page: Any, label: str, on_upload: Callable[..., Any], name: str = "Choose a file") -> ui.upload:
    """A box into which one file at a time is dropped.

    Parameters
    ----------
    page : Page
    label : str
        The largest size is added to it.
    on_upload : coroutine function
        Called with NiceGUI's event.
    name : str
        Of its button, for those who do not see it.
    """
    megabytes = f"{page.upload_limit / 1e6:g} MB"

    def refused():
        ui.notify(
            f"The file is larger than {megabytes}. Cut it, or start with a larger --max-upload.",
            type="negative",
        )

    box = ui.upload(
        label=f"{label} (at most {megabytes})", auto_upload=True, max_file_size=page.upload_limit,
        on_upload=on_upload, on_rejected=refused,
    ).props("flat bordered color=primary")  # fmt: skip
    ui.run_javascript(_NAMED.format(id=box.id, name=name))
    return box
