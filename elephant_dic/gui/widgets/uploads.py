"""Where a file, or a folder, is dropped or chosen."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from nicegui import ui

MOST_FILES = 1000  # of a folder: as many as one request may have
#: Of folders, files and folders that no recording is made of.
LEFT_OUT = ("__MACOSX", ".DS_Store", ".git", ".phy")
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
#: The files of a folder go through the uploader under the names that they have in it, the smallest first;
#: those for which there is no room, and the form around them, are told instead.
_SEND_FOLDER = """
() => {{
  const chooser = document.createElement("input");
  Object.assign(chooser, {{type: "file", webkitdirectory: true, onchange: () => {{
    const wanted = file => !file.webkitRelativePath.split("/").some(part => {left_out}.includes(part));
    const files = [...chooser.files].filter(wanted).sort((a, b) => a.size - b.size);
    let sum = 0;
    const sent = files.filter((file, k) => k < {most} && (sum += file.size + 500) <= {limit});
    const named = sent.map(file => new File([file], encodeURIComponent(file.webkitRelativePath)));
    getElement({box}).$refs.qRef.addFiles(named);
    const others = files.slice(sent.length).map(file => file.webkitRelativePath);
    if (others.length) emit(others);
  }}}});
  window.folderChooser = chooser;  // else it may be gone before a folder is chosen
  chooser.click();
}}
"""
_FAILED = "It could not be sent. A folder is not dropped, but chosen by its button, or packed as .zip."


def uploader(page: Any, label: str, on_upload: Callable[..., Any], name: str = "Choose a file") -> ui.upload:
    """A box into which files of one recording are dropped, and a button for a folder beside it.

    Parameters
    ----------
    page : Page
    label : str
        The largest size is added to it.
    on_upload : coroutine function
        Called with a list of NiceGUI's FileUpload.
    name : str
        Of its button, for those who do not see it; that of the other ends with "in a folder".
    """
    megabytes = f"{page.upload_limit / 1e6:g} MB"

    def refused():
        ui.notify(
            f"The file is larger than {megabytes}. Cut it, or start with a larger --max-upload.",
            type="negative",
        )

    box = ui.upload(
        label=f"{label} (at most {megabytes})", multiple=True, auto_upload=True,
        max_total_size=page.upload_limit, max_files=MOST_FILES,
        on_multi_upload=lambda event: on_upload(event.files), on_rejected=refused,
    ).props("flat bordered color=primary")  # fmt: skip
    box.on("failed", lambda: ui.notify(_FAILED, type="negative"), args=[])
    ui.run_javascript(_NAMED.format(id=box.id, name=name))
    _folder_button(box, page.upload_limit, f"{name} in a folder")
    return box


def _folder_button(box, limit, name):
    def told(event):
        others = event.args
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        ui.notify(
            f"The folder has more than {limit / 1e6:g} MB or {MOST_FILES:,} files. Left out: "
            f"{', '.join(others[:3])}{more}.",
            type="warning", timeout=10_000,
        )  # fmt: skip

    send = _SEND_FOLDER.format(left_out=json.dumps(LEFT_OUT), most=MOST_FILES, limit=limit, box=box.id)
    button = ui.button("A folder", icon="folder_open").props(f'outline no-caps aria-label="{name}"')
    button.on("click", told, js_handler=send)
