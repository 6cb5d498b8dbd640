"""What the server refuses, before the page sees it."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse

#: Of every answer: the page is shown in no frame of another one, and files are what they say.
HEADERS = (
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class UploadLimit:
    """Refuse requests that are too large, whatever the page has checked before.

    Parameters
    ----------
    app : ASGI application
    limit : int
        Bytes.
    """

    def __init__(self, app, limit):
        self.app, self.limit = app, limit

    async def __call__(self, scope, receive, send):
        """ASGI."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"")
        if not declared.isdigit() or int(declared) > self.limit:
            await _refuse(413, "too large, or of unknown size", scope, receive, send)
            return
        await self.app(scope, receive, send)


class OwnPagesOnly:
    """Refuse what pages of other sites ask for, by HTTP and by WebSocket, and to be shown inside of them.

    A browser names the site of the page that asks in the header Origin; other programs send none.

    Parameters
    ----------
    app : ASGI application
    """

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        """ASGI."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not is_own(scope["headers"]):
            await _refuse(403, "asked for by a page of another site", scope, receive, send)
        else:
            await self.app(scope, receive, _with_headers(send))


def is_own(headers) -> bool:
    """Whether a request comes from a page of this server, or from no page at all.

    Parameters
    ----------
    headers : iterable of (name, value)
        Bytes; names in lower case.
    """
    origins = [value for name, value in headers if name == b"origin"]
    hosts = [value for name, value in headers if name == b"host"]
    if not origins:
        return True
    try:
        asking = {urlsplit(value.decode("latin-1")).netloc.lower() for value in origins}
    except ValueError:
        return False
    return len(hosts) == 1 and asking == {hosts[0].decode("latin-1").lower()}


def _with_headers(send):
    async def sent(message):
        if message["type"] == "http.response.start":
            kept = [each for each in message.get("headers", ()) if each[0].lower() not in dict(HEADERS)]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return sent


async def _refuse(status, text, scope, receive, send):
    if scope["type"] == "websocket":
        await receive()  # the request to connect
        await send({"type": "websocket.close", "code": 1008, "reason": text})
    else:
        await PlainTextResponse(text, status)(scope, receive, _with_headers(send))


async def not_found(request, _error):
    """The answer to a path that there is not: nothing is made for who asks for it."""
    return PlainTextResponse(f"there is nothing at {request.url.path[:200]}; the page is at /", 404)
