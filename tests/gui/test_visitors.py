"""Whose session it is, how long it is kept, and who is refused."""

import asyncio
import threading

import pytest

pytest.importorskip("nicegui")

from nicegui import Client
from support.page import choose, press, run_example, see, served, upload

from elephant_dic.gui.guards import is_own
from elephant_dic.gui.session import Session
from elephant_dic.gui.visitors import Visitors
from elephant_dic.gui.widgets.jobs import run_long, work


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_tab_finds_its_session_again_and_is_forgotten_after_a_while():
    clock = Clock()
    visitors, first, second = Visitors(600, clock), Session(), Session()
    folder = first.folder
    assert visitors.join("a", "page 1", first) is first
    assert visitors.join("b", "page 2", second) is second
    visitors.leave("a", "page 1")
    clock.now = 599
    visitors.forget_absent()
    assert visitors.join("a", "page 3", Session()) is first  # loaded again
    clock.now = 10_000
    visitors.forget_absent()
    assert not first.is_closed  # however long it stays
    visitors.leave("a", "page 1")  # the old page once more
    clock.now += 600
    visitors.forget_absent()
    assert not first.is_closed
    visitors.leave("a", "page 3")
    clock.now += 600
    visitors.forget_absent()
    assert first.is_closed
    assert not folder.exists()
    assert not second.is_closed
    assert len(visitors) == 1
    visitors.leave("a", "page 3")  # unknown by now
    visitors.close()
    assert second.is_closed
    assert len(visitors) == 0


def test_a_session_makes_no_folder_before_it_needs_one(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    session = Session()
    assert not list(tmp_path.iterdir())
    place = session.place_for("a.csv")
    assert list(tmp_path.iterdir())
    place.write_text("1")
    session.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        (None, b"localhost:8765", True),
        (b"http://localhost:8765", b"localhost:8765", True),
        (b"HTTP://LocalHost:8765", b"localhost:8765", True),
        (b"https://lab.example", b"lab.example", True),  # behind a proxy
        (b"http://localhost:9999", b"localhost:8765", False),
        (b"http://localhost", b"localhost:8765", False),
        (b"http://other.example", b"localhost:8765", False),
        (b"null", b"localhost:8765", False),
        (b"", b"localhost:8765", False),
        (b"http://localhost:8765", None, False),
    ],
)
def test_requests_of_other_sites_are_told_by_their_origin(origin, host, own):
    headers = [(b"origin", origin)] * (origin is not None) + [(b"host", host)] * (host is not None)
    assert is_own(headers) is own


def test_two_origins_are_none_of_ours():
    ours = (b"origin", b"http://localhost")
    assert not is_own([(b"host", b"localhost"), ours, (b"origin", b"http://other.example")])


def test_foreign_pages_frames_and_unknown_paths_are_refused(tmp_path):
    async def live():
        async with served(tmp_path) as user:
            get = user.http_client.get
            before = len(Client.instances)
            for path in ("/nothing", "/admin/login", "/_nicegui/none"):
                answer = await get(path)
                assert answer.status_code == 404
                assert "client_id" not in answer.text
            assert (await get("/", headers={"Origin": "http://other.example"})).status_code == 403
            assert (
                await user.http_client.post("/", headers={"Origin": "null"}, content=b"")
            ).status_code == 403
            assert len(Client.instances) == before  # nothing was made for any of them
            answer = await get("/", headers={"Origin": "http://127.0.0.1"})
            assert answer.status_code == 200
            assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"
            assert answer.headers["x-frame-options"] == "DENY"

    asyncio.run(live())


def test_websockets_of_other_sites_are_closed():
    from elephant_dic.gui.guards import OwnPagesOnly

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})

    async def live(origin):
        sent = []

        async def receive():
            return {"type": "websocket.connect"}

        async def send(message):
            sent.append(message["type"])

        headers = [(b"host", b"localhost:8765"), (b"origin", origin)]
        await OwnPagesOnly(app)({"type": "websocket", "headers": headers}, receive, send)
        return sent

    assert asyncio.run(live(b"http://localhost:8765")) == ["websocket.accept"]
    assert asyncio.run(live(b"http://other.example")) == ["websocket.close"]


def test_a_page_loaded_again_shows_what_there_was_and_nothing_goes_unasked(tmp_path):
    async def live():
        async with served(tmp_path) as user:
            await user.open("/")
            await run_example(user, n_models=3)
            await user.open("/")  # the same tab
            for text in (
                "165 spikes in 6 s",
                "Verified: all 3 models",
                "The same in Python",
                "Results of this",
            ):
                await see(user, text)
            choose(user, "Tolerance (%)", 20)
            await see(user, "These results are of other settings than those chosen now: tolerance 10 %")
            press(user, "Open the example")
            await see(user, "are in no file of yours yet")
            press(user, "Stay here")
            await see(user, "Verified: all 3 models")
            await upload(user, "few.csv", b"10\n20\n")
            await see(user, "are in no file of yours yet")
            press(user, "Go on")
            await see(user, "A table of spike times does not say its unit")
            await user.should_not_see("Verified: all 3 models", retries=20)
            press(user, "Show again")  # it is ticked, as the only one
            await see(user, "Verified: all 3 models")
            await see(user, "165 spikes in 6 s")

    asyncio.run(live())


def test_long_runs_do_not_keep_others_from_reading():
    async def live():
        release = threading.Event()
        runs = [asyncio.create_task(run_long(release.wait)) for _ in range(12)]
        await asyncio.sleep(0)
        try:
            assert (await asyncio.wait_for(work(lambda: 7), 60)).value == 7
        finally:
            release.set()
        assert [each.value for each in await asyncio.gather(*runs)] == [True] * 12

    asyncio.run(live())
