# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page of a web server, asked for again and again over one connection."""

from __future__ import annotations

import contextlib
import http.client
import time
from typing import Dict, Iterator

from .._domain.dialogue import text
from .._domain.http_login import Response
from .._domain.proof import LoginRefusal, Service
from .._domain.symptoms import ANSWER, CONNECT
from .connection import CLOSED, CLOSED_AT_ONCE, refusal_of, tls_context

LARGEST_PAGE = 1024 * 1024  # bytes that are read to keep the connection; it is opened anew after a larger page


class WebPage:
    """A page; LoginRefusal says at which stage asking for it broke."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._heard = False
        host, port, timeout = service.host, service.port, service.timeout
        self._connection = (
            http.client.HTTPSConnection(host, port, timeout=timeout, context=tls_context(service))
            if service.tls == "implicit"
            else http.client.HTTPConnection(host, port, timeout=timeout)
        )

    def get(self, authorization: str) -> Response:
        """Ask for the page, with an Authorization header where the text is not empty."""
        headers = {"User-Agent": self._service.user_agent, "Accept": "*/*"}
        if self._service.padding:
            headers["X-Padding"] = "x" * self._service.padding
        if authorization:
            headers["Authorization"] = authorization
        kept = self._connection.sock is not None
        try:
            try:
                return self._ask(headers)
            except ConnectionError:
                # A server may close a connection that it was not told to keep, after any answer.
                if not kept:
                    raise
                self._connection.close()
                return self._ask(headers)
        except http.client.RemoteDisconnected as error:
            raise (LoginRefusal(ANSWER, CLOSED) if self._heard else LoginRefusal(CONNECT, CLOSED_AT_ONCE)) from error
        except http.client.HTTPException as error:
            raise LoginRefusal(ANSWER, f"no HTTP answer ({type(error).__name__})", "not_this_protocol") from error
        except (OSError, ValueError) as error:
            raise refusal_of(error, ANSWER if self._heard else CONNECT) from error

    def _ask(self, headers: Dict[str, str]) -> Response:
        try:
            self._connection.request("GET", self._service.path, headers=headers)
        except (BrokenPipeError, ConnectionResetError):
            # Who finds a request too long answers before the end of it, and closes the connection.
            if self._connection.sock is None:
                raise
        response = self._connection.getresponse()
        self._heard = True
        self._drain(response)
        challenges = response.msg.get_all("WWW-Authenticate", [])
        return Response(response.status, text(response.reason.encode("utf-8", "replace")), tuple(challenges))

    def _drain(self, response: http.client.HTTPResponse) -> None:
        """Read the page to its end, or close the connection where it is large or slow."""
        give_up = time.monotonic() + self._service.timeout
        length = 0
        while length < LARGEST_PAGE and time.monotonic() < give_up:
            piece = response.read1(65536)
            if not piece:
                # http.client takes a page that was read by pieces for unread until it is closed.
                response.close()
                return
            length += len(piece)
        self._connection.close()

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def web_page(service: Service) -> Iterator[WebPage]:
    """The page, whose connection is closed at the end of the block."""
    page = WebPage(service)
    try:
        yield page
    finally:
        page.close()
