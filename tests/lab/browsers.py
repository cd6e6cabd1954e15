# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""CAS judged by real browsers: Chromium and Firefox with the policies of the workstation, and curl.

Each opens the page by the server's own name, which the policies have, and by its short one, which they have not. What
keeps a browser from signing on there is its policy alone: curl, which knows none, does. In the same way curl shows
that a ticket could have been delegated, where the browsers did not.
"""

from __future__ import annotations

import base64
import collections.abc
import dataclasses
import json
import pathlib
import typing

from . import fleet, inventory
from .failure import LabError
from .podman import Podman
from .state import State
from .trusted import trusted

JUDGE = pathlib.Path(__file__).resolve().parent / "judges" / "browse.py"
PRODUCT = "cas"
PORT, PATH = 8080, "/cas/negotiate"
BROWSERS = ("chromium", "firefox")
CURL = "curl"
# What a visit is to show: a name that the policies have, one that they have not, a client that wants to delegate.
LISTED, OUTSIDE, DELEGATING = "listed", "outside", "delegating"
# klist's letters (MIT's klist.c): the KDC trusts the server with the user's ticket.
OK_AS_DELEGATE = "O"
USER = "alice"
MAKE_USER = f"id -u {USER} >/dev/null 2>&1 || useradd --create-home {USER}"
Visited = dict[str, typing.Any]


@dataclasses.dataclass(frozen=True)
class Visit:
    """A page that a client opens: host, client, and what that is to show."""

    host: fleet.Host
    browser: str
    kind: str = LISTED

    @property
    def url(self) -> str:
        """The page: by the host's short name where it is to be outside of the policies."""
        return page(self.host.name if self.kind == OUTSIDE else self.host.fqdn)

    @property
    def order(self) -> Visited:
        """What the judge is told."""
        return {"browser": self.browser, "url": self.url, "delegate": self.kind == DELEGATING}

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others in the record."""
        return self.host.fqdn, self.browser, self.kind


def page(name: str) -> str:
    """The address of the protected page under a name of its host."""
    return f"http://{name}:{PORT}{PATH}"


def visits(site: fleet.Site) -> tuple[Visit, ...]:
    """All that is to be opened: every host by every client, and what only curl may do."""
    hosts = site.members(PRODUCT)
    both = [Visit(host, browser, kind) for host in hosts for kind in (LISTED, OUTSIDE) for browser in (*BROWSERS, CURL)]
    return (*both, *(Visit(host, CURL, DELEGATING) for host in hosts))


def sign_on(state: State, podman: Podman) -> list[Visited]:
    """Opens them all as the user, with a ticket that may be forwarded to servers that the KDC trusts with it."""
    wanted = visits(state.site)
    with trusted(state, podman, state.site.members(PRODUCT)):
        told = judged(state, podman, JUDGE, {"visits": [visit.order for visit in wanted]})
    if told["failure"]:
        raise LabError(f"the browsers have no ticket: {told['failure']}")
    return [
        recorded(visit, one, kept(state, visit, one.pop("screenshot")))
        for visit, one in zip(wanted, told["visits"], strict=True)
    ]


def judged(state: State, podman: Podman, judge: pathlib.Path, order: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """What a judge on the workstation says, who runs there as an ordinary user and is told the user's password too."""
    (workstation,) = state.site.members("workstations")
    container = state.lab.container(workstation.name)
    podman.run("exec", container, "sh", "-c", MAKE_USER, what=f"making the user {USER} on {workstation.fqdn}")
    whole = {"user": state.site.user, "password": inventory.passwords(state)[USER], **order}
    # The judge is an argument, since the password takes standard input.
    argv = ("exec", "-i", "--user", USER, container, "python3", "-c", judge.read_text())
    told = podman.run(*argv, what=f"the judge {judge.stem} on {workstation.fqdn}", stdin=json.dumps(whole))
    return typing.cast("dict[str, typing.Any]", json.loads(told))


def kept(state: State, visit: Visit, screenshot: str) -> str:
    """Where a screenshot now lies; nowhere for a client that makes none."""
    if not screenshot:
        return ""
    path = state.screenshots / f"{visit.host.name}-{visit.browser}-{visit.kind}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(screenshot))
    return str(path)


def recorded(visit: Visit, told: Visited, screenshot: str) -> Visited:
    """A visit as the proof has it."""
    principal = f"HTTP/{visit.host.fqdn}"
    flags = {name.partition("@")[0]: letters for name, letters in told["tickets"].items()}
    return {
        "host": visit.host.fqdn,
        "browser": visit.browser,
        "kind": visit.kind,
        "url": visit.url,
        "status": told["status"],
        "title": told["title"],
        "named": told["named"],
        "signed_on": told["status"] == 200 and bool(told["named"]),
        "ticket": principal if principal in flags else "",
        "asked": told["asked"],
        "may_delegate": OK_AS_DELEGATE in flags.get(principal, ""),
        "delegated": told["forwarded"],
        "screenshot": screenshot,
        "said": told["said"],
    }


def unproved(site: fleet.Site, made: collections.abc.Sequence[Visited]) -> list[str]:
    """A sentence for everything that the visits had to show, and do not."""
    by_key = {(one["host"], one["browser"], one["kind"]): one for one in made}
    sentences: list[str] = []
    for visit in visits(site):
        one = by_key.get(visit.key)
        wrong = ["was not tried"] if one is None else WRONG[visit.kind](site, one)
        sentences += [f"{visit.browser} at {visit.url} {what}" for what in wrong]
    return sentences


def _wrong_listed(site: fleet.Site, one: Visited) -> collections.abc.Iterator[str]:
    """Signed on as the user, with a ticket, which could have been delegated and was not."""
    yield from _not_signed_on(site, one)
    if not one["asked"]:
        yield "left no trace of the ticket that it looked for, so that nothing is shown where there is none"
    if one["signed_on"] and not one["may_delegate"]:
        yield "got a ticket without OK-AS-DELEGATE, so that it shows nothing about delegation"
    if one["delegated"]:
        yield "delegated the user's ticket"


def _wrong_outside(site: fleet.Site, one: Visited) -> collections.abc.Iterator[str]:
    """A browser has not even looked for a ticket; curl shows that there is one."""
    if one["browser"] == CURL:
        yield from _not_signed_on(site, one)
        return
    if one["signed_on"]:
        yield f"signed on as {one['named']}, and that name is in no policy"
    elif not one["status"]:
        yield f"shows no page, which says nothing about its policy: {one['said']}"
    if one["asked"]:
        yield f"looked for a ticket for {', '.join(one['asked'])}, and that name is in no policy"


def _wrong_delegating(site: fleet.Site, one: Visited) -> collections.abc.Iterator[str]:
    """Asked to delegate, curl does."""
    yield from _not_signed_on(site, one)
    if not one["delegated"]:
        yield "did not delegate when it was asked to, so that nothing is shown about the browsers"


def _not_signed_on(site: fleet.Site, one: Visited) -> collections.abc.Iterator[str]:
    if not one["signed_on"]:
        yield f"did not sign on: status {one['status']}, {one['said'] or one['title'] or 'no title'}"
    elif one["named"] not in (site.user, USER):
        yield f"signed on as {one['named']} and not as {site.user}"
    elif not one["ticket"]:
        yield f"signed on without a ticket for HTTP/{one['host']}"


WRONG: dict[str, collections.abc.Callable[[fleet.Site, Visited], collections.abc.Iterator[str]]] = {
    LISTED: _wrong_listed,
    OUTSIDE: _wrong_outside,
    DELEGATING: _wrong_delegating,
}


def lines(made: collections.abc.Sequence[Visited]) -> list[str]:
    """What the closing summary says of them."""
    found = []
    for one in made:
        if one["kind"] == LISTED and one["signed_on"]:
            held = "" if one["delegated"] or not one["may_delegate"] else ", delegates nothing"
            found.append(f"{one['browser']} at {one['url']}: the page names {one['named']}{held}")
        elif one["kind"] == OUTSIDE and one["browser"] in BROWSERS and not one["signed_on"] and not one["asked"]:
            found.append(f"{one['browser']} at {one['url']}: not signed on, no ticket asked for")
    return found
