"""The page in tests, driven through NiceGUI's simulated user, without a browser."""

import asyncio
import functools
import gc
import logging
from contextlib import asynccontextmanager

from nicegui import Client, ui
from nicegui.elements.upload_files import SmallFileUpload
from nicegui.testing import user_simulation

MAX_UPLOAD = 1.0  # MB
PATIENCE = 1200  # tenths of a second: the machine may be busy


@asynccontextmanager
async def served(folder, host="127.0.0.1"):
    """The page as `run_gui` serves it, but without a socket; gives its first visitor."""
    main = folder / "main.py"
    main.write_text(
        f"from elephant_dic.gui import run_gui\nrun_gui({host!r}, show=False, max_upload={MAX_UPLOAD})\n"
    )
    failure = None
    _set_aside_what_is_loaded()
    async with user_simulation(main_file=main) as user:
        user.http_client.base_url = "http://127.0.0.1"
        Client.page_routes.clear()  # else the modules of pages are unloaded at the end, and those above them
        try:
            yield user
        except BaseException as error:  # raised once the page is closed, which the next test relies on
            failure = error
    if failure:
        raise failure


@functools.cache
def _set_aside_what_is_loaded():
    """NiceGUI collects garbage before and after each visit: not among all that is loaded."""
    gc.collect()
    gc.freeze()


class _Raised(logging.Handler):
    """What a handler of the page has raised: NiceGUI writes it to its log, and goes on."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.errors = []

    def emit(self, record):
        if record.exc_info:
            self.errors.append(record.exc_info[1])


def visit(tmp_path, story):
    """Let a visitor live through a story, a coroutine function; no handler of the page may raise an error."""

    async def live():
        async with served(tmp_path) as user:
            await user.open("/")
            await story(user)

    raised, log = _Raised(), logging.getLogger("nicegui")
    log.addHandler(raised)
    try:
        asyncio.run(live())
    finally:
        log.removeHandler(raised)
    assert raised.errors == []


async def see(user, text, kind=None):
    await user.should_see(text if kind is None else None, **_narrowed(text, kind), retries=PATIENCE)


def _narrowed(text, kind):
    return {} if kind is None else {"kind": kind, "content": text}


def press(user, text):
    user.find(kind=ui.button, content=text).click()


async def upload(user, name, content):
    (uploader,) = user.find(ui.upload).elements
    await uploader.handle_uploads([SmallFileUpload(name, "", content)])


def choose(user, label, value):
    (field,) = (each for kind in (ui.select, ui.number) for each in labelled(user, kind, label))
    with user:
        field.value = value


def labelled(user, kind, label):
    with user:
        return [each for each in user._client.elements.values()
                if isinstance(each, kind) and each.props.get("label") == label]  # fmt: skip


async def run_example(user, n_models=5):
    press(user, "Open the example")
    await see(user, "Number of models", ui.number)
    choose(user, "Number of models", n_models)
    choose(user, "Seed", 3)
    press(user, "Run")
    await see(user, "The same in Python")


async def download(user, button):
    press(user, button)
    return (await user.download.next(timeout=PATIENCE / 10)).content
