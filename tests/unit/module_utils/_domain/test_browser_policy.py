# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies about signing on: what browsers take, and which of several files counts."""

from __future__ import annotations

from typing import Any, Dict

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.browser_policy import (
    CHROMIUM,
    FIREFOX,
    BrowserPolicyRefusal,
    folder_of,
    shadows,
    wishes_from,
)

BAD: Dict[str, Any] = {
    "policies: AuthServerWhitelist is no longer read by Chromium; write AuthServerAllowlist": {
        "AuthServerWhitelist": "x"
    },
    "policies: AuthServerAllowList is no policy that the browser knows; did you mean AuthServerAllowlist?": {
        "AuthServerAllowList": "x"
    },
    "policies: AuthServerAllowlist takes an allow list, not a int; ": {"AuthServerAllowlist": 1},
    "policies: EnableAuthNegotiatePort takes true or false, not a str; ": {"EnableAuthNegotiatePort": "no"},
    "policies: AmbientAuthenticationInPrivateModesEnabled takes a whole number, not a bool; ": {
        "AmbientAuthenticationInPrivateModesEnabled": True
    },
    "policies: Other is nothing, which no policy takes; ": {"Other": None},
    "policies: Other is a float, which no policy takes; ": {"Other": [float("nan")]},
    "policies: Other: 1 is no name; ": {"Other": {1: 2}},
    "policies: 1 is no name of a policy; ": {1: 2},
}
BAD_FIREFOX: Dict[str, Any] = {
    "policies: holds 'policies', which the file gets by itself; ": {"policies": {}},
    "policies: Authentication takes SPNEGO, ": {"Authentication": []},
    "policies: Authentication.SPENGO is no policy that the browser knows; did you mean SPNEGO?": {
        "Authentication": {"SPENGO": []}
    },
    "policies: Authentication.SPNEGO takes a list of texts, not a str; ": {"Authentication": {"SPNEGO": "x"}},
    "policies: Authentication.AllowNonFQDN.SPNEGO takes true or false, not a str; ": {
        "Authentication": {"AllowNonFQDN": {"SPNEGO": "x"}}
    },
}


@pytest.mark.parametrize("start", BAD)
def test_what_chromium_would_not_take(start: str) -> None:
    with pytest.raises(BrowserPolicyRefusal) as caught:
        wishes_from(CHROMIUM, BAD[start], ())
    assert str(caught.value).startswith(start), str(caught.value)


@pytest.mark.parametrize("start", BAD_FIREFOX)
def test_what_firefox_would_not_take(start: str) -> None:
    with pytest.raises(BrowserPolicyRefusal) as caught:
        wishes_from(FIREFOX, BAD_FIREFOX[start], ())
    assert str(caught.value).startswith(start), str(caught.value)


def test_other_refusals() -> None:
    with pytest.raises(BrowserPolicyRefusal, match=r"^backup: Chromium reads every file"):
        wishes_from(CHROMIUM, {}, (), backup=True)
    with pytest.raises(BrowserPolicyRefusal, match=r"^absent: holds an empty name; "):
        wishes_from(CHROMIUM, {}, ("",))
    for absent in ("Authentication", "Authentication.SPNEGO"):
        with pytest.raises(BrowserPolicyRefusal, match=f"^absent: '{absent}' is asked for as Authentication.SPNEGO "):
            wishes_from(FIREFOX, {"Authentication": {"SPNEGO": []}}, (absent,))
    with pytest.raises(BrowserPolicyRefusal, match=r"^beside: Firefox reads one file"):
        folder_of(FIREFOX, "/x", "/y")


def test_what_is_asked_of_the_file() -> None:
    found = wishes_from(
        CHROMIUM, {"AuthServerAllowlist": ["a.test", "b.test"], "Other": {"x": (1, 2.5)}}, ("Gone",), "exact"
    )
    assert found.policies == {"AuthServerAllowlist": "a.test,b.test", "Other": {"x": [1, 2.5]}}
    assert (found.absent, found.merge, found.top, found.lenient) == (("Gone",), False, "", True)
    assert "AuthServerAllowlist" in found.joined
    firefox = wishes_from(FIREFOX, {"Authentication": {"NTLM": []}}, (), backup=True)
    assert (firefox.top, firefox.lenient, firefox.merge, firefox.joined) == ("policies", False, True, ())


def test_folders() -> None:
    assert folder_of(CHROMIUM, None, "/own") == "/own"
    assert folder_of(CHROMIUM, "/other", "/own") == "/other"
    assert folder_of(FIREFOX, None, "/own") == ""


def test_another_file_that_sets_the_same() -> None:
    wishes = wishes_from(
        CHROMIUM, {"AuthServerAllowlist": "a.test,b.test", "EnableAuthNegotiatePort": False}, ("NtlmV2Enabled",)
    )
    others = {
        "/m/a.json": b'{\n"AuthServerAllowlist": "c.test", "NtlmV2Enabled": true}',
        "/m/same.json": b'{"AuthServerAllowlist": "b.test, a.test", // c\n"EnableAuthNegotiatePort": false,}',
        "/m/z.json": b'{"AuthServerAllowlist": 1}',
        "/m/broken.json": b"{",
        "/m/foreign.json": b'{"Other": 1}',
    }
    found, broken = shadows("/m/kerberos.json", wishes, others)
    assert [(one.key, one.path, one.line, one.wins) for one in found] == [
        ("AuthServerAllowlist", "/m/a.json", 2, False),
        ("NtlmV2Enabled", "/m/a.json", 2, True),
        ("AuthServerAllowlist", "/m/z.json", 1, True),
    ]
    beaten, left, stronger = (one.sentence for one in found)
    assert beaten == (
        "/m/a.json: AuthServerAllowlist in line 2 is not in force, for /m/kerberos.json sets it too and comes later by "
        "its name; keep it in one of them"
    )
    assert left == "/m/a.json: line 2 still sets NtlmV2Enabled; remove it there too"
    assert stronger == (
        "/m/kerberos.json: AuthServerAllowlist is not in force, for /m/z.json line 1 sets it too and comes later by "
        "its name; remove it there, or set it in that file"
    )
    assert len(broken) == 1 and broken[0].startswith("/m/broken.json: line 1 column 2: ")
