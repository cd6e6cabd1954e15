# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Units: what `systemctl show` says (recorded on Debian 12 and 13), and the verbs that lead to a wish."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.unit import (
    UnitRefusal,
    UnitState,
    UnitWish,
    at_work,
    foreseen,
    full_name,
    parse,
    plan,
    preset,
    reason,
)

SHOWN = """\
Id=ssh.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
CanReload=yes
NeedDaemonReload=no
ConditionResult=yes
ConditionTimestampMonotonic=1439237055
"""
ABSENT = """\
Id=krb5-kdc.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
CanReload=no
NeedDaemonReload=no
ConditionResult=no
ConditionTimestampMonotonic=0
"""
RUNS = UnitState("x.service", installed=True, running=True, enabled=True, reloads=True)
RESTS = UnitState("x.service", installed=True, running=False, enabled=True, reloads=True)


def shown(**properties: str) -> str:
    """SHOWN with other values."""
    lines = dict(line.split("=", 1) for line in SHOWN.splitlines())
    return "".join(f"{key}={value}\n" for key, value in {**lines, **properties}.items())


def test_a_running_unit() -> None:
    assert parse(SHOWN, "ssh.service") == UnitState(
        "ssh.service", installed=True, running=True, enabled=True, reloads=True
    )


def test_a_unit_that_is_not_there() -> None:
    assert parse(ABSENT, "krb5-kdc.service") == UnitState(
        "krb5-kdc.service", installed=False, running=False, enabled=False
    )


@pytest.mark.parametrize(
    ("active", "sub", "running"),
    [
        ("active", "exited", True),
        ("reloading", "reload", True),
        ("activating", "start-pre", True),
        ("activating", "auto-restart", False),
        ("deactivating", "stop-sigterm", False),
        ("inactive", "dead", False),
        ("failed", "failed", False),
    ],
)
def test_what_counts_as_running(active: str, sub: str, running: bool) -> None:
    assert parse(shown(ActiveState=active, SubState=sub), "ssh.service").running is running


@pytest.mark.parametrize(
    ("file_state", "enabled"),
    [
        ("enabled", True),
        ("enabled-runtime", True),
        ("disabled", False),
        ("masked", False),
        ("static", None),
        ("generated", None),
        ("indirect", None),
    ],
)
def test_what_counts_as_enabled(file_state: str, enabled: Optional[bool]) -> None:
    assert parse(shown(UnitFileState=file_state), "ssh.service").enabled is enabled


def test_a_unit_file_that_systemd_cannot_read() -> None:
    with pytest.raises(UnitRefusal, match="systemd-analyze verify ssh"):
        parse(shown(LoadState="bad-setting"), "ssh.service")


def test_names() -> None:
    assert full_name("krb5-kdc") == "krb5-kdc.service"
    assert full_name("postfix@-") == "postfix@-.service"
    assert full_name("dovecot.socket") == "dovecot.socket"


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "a;b", "a\nb", "a@b@c"])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(UnitRefusal, match="not a unit's name"):
        full_name(name)


@pytest.mark.parametrize(
    ("state", "wish", "verbs"),
    [
        (RUNS, UnitWish("started", enabled=True), ()),
        (RESTS, UnitWish("started", enabled=True), ("start",)),
        (RUNS, UnitWish("started", enabled=False), ("disable",)),
        (RUNS, UnitWish("stopped"), ("stop",)),
        (RESTS, UnitWish("stopped"), ()),
        (RUNS, UnitWish("restarted"), ("restart",)),
        (RUNS, UnitWish("reloaded"), ("reload",)),
        (RESTS, UnitWish("restarted"), ("start",)),
        (RESTS, UnitWish("restarted", start_stopped=False), ()),
        (RESTS, UnitWish("reloaded", start_stopped=False), ()),
        (RUNS, UnitWish("reloaded", start_stopped=False), ("reload",)),
        (RUNS, UnitWish(enabled=True), ()),
    ],
)
def test_the_verbs(state: UnitState, wish: UnitWish, verbs: tuple) -> None:
    assert plan(state, wish).verbs == verbs


def test_a_changed_unit_file_is_read_before_a_start_and_not_before_a_stop() -> None:
    stale = parse(shown(NeedDaemonReload="yes"), "ssh.service")
    assert plan(stale, UnitWish("restarted")).verbs == ("daemon-reload", "restart")
    assert plan(stale, UnitWish("stopped")).verbs == ("stop",)
    assert plan(stale, UnitWish("started")).verbs == ()


def test_a_unit_that_its_conditions_hold_back_is_settled_once_tried() -> None:
    rest = {"ActiveState": "inactive", "SubState": "dead", "ConditionResult": "no"}
    untried = parse(shown(ConditionTimestampMonotonic="0", **rest), "chrony.service")
    tried = parse(shown(**rest), "chrony.service")
    assert plan(untried, UnitWish("started")).verbs == ("start",)
    assert plan(tried, UnitWish("started")).verbs == ()
    assert plan(tried, UnitWish("restarted")).verbs == ("start",)


def test_a_unit_of_a_later_package_shows_as_the_run_will_find_it() -> None:
    wish = UnitWish("started", enabled=True)
    ahead = plan(foreseen("krb5-kdc.service", []), wish)
    found = plan(UnitState("krb5-kdc.service", installed=True, running=False, enabled=True, reloads=True), wish)
    assert (ahead.verbs, ahead.lines_before, ahead.lines_after) == (
        found.verbs,
        found.lines_before,
        found.lines_after,
    )
    assert ahead.lines_before == ("enabled: true", "state: stopped")
    assert ahead.lines_after == ("enabled: true", "state: started")


def test_presets() -> None:
    rules = ["# enable a*", "disable krb5-*", "enable krb5-kdc.service", "", "enable chronyd.service", "disable *"]
    assert preset("krb5-kdc.service", rules) is False
    assert preset("chronyd.service", rules) is True
    assert preset("postfix.service", rules) is False
    assert preset("postfix.service", []) is True


def test_masked() -> None:
    masked = parse(shown(LoadState="masked", ActiveState="inactive", UnitFileState="masked"), "ssh.service")
    with pytest.raises(UnitRefusal, match="systemctl unmask ssh"):
        plan(masked, UnitWish("started"))
    assert plan(masked, UnitWish("stopped")).verbs == ()


def test_what_cannot_be_disabled_or_reloaded() -> None:
    with pytest.raises(UnitRefusal, match="cannot be disabled"):
        plan(parse(shown(UnitFileState="static"), "ssh.service"), UnitWish(enabled=False))
    assert plan(parse(shown(UnitFileState="static"), "ssh.service"), UnitWish(enabled=True)).verbs == ()
    with pytest.raises(UnitRefusal, match="ask for state 'restarted'"):
        plan(parse(shown(CanReload="no"), "ssh.service"), UnitWish("reloaded"))


def test_once_carried_out_a_restart_is_a_start() -> None:
    assert plan(RUNS, UnitWish("restarted").settled()).verbs == ()
    assert plan(RESTS, UnitWish("restarted").settled()).verbs == ("start",)
    assert plan(RESTS, UnitWish("reloaded", start_stopped=False).settled()).verbs == ()


JOURNAL = [
    "Starting krb5-kdc.service - Kerberos 5 Key Distribution Center...",
    "krb5kdc: cannot initialize realm EXAMPLE.TEST - see log file for details",
    "krb5-kdc.service: Control process exited, code=exited, status=1/FAILURE",
    "krb5-kdc.service: Failed with result 'exit-code'.",
    "Failed to start krb5-kdc.service - Kerberos 5 Key Distribution Center.",
]


def test_the_reason_is_what_the_program_said() -> None:
    assert reason(JOURNAL) == JOURNAL[1]
    assert reason([JOURNAL[0], *JOURNAL[2:]]) == ""


def test_the_reason_holds_the_last_three_different_lines() -> None:
    assert reason(["a", "b", "c", "d", "d", "b"]) == "c; d; b"


@pytest.mark.parametrize(
    "line",
    [
        "bad option password=hunter2hunter2",
        "bind failed, Password: hunter2hunter2",
        "secret hunter2hunter2AAAABBBBCCCCDDDDEEEEFFFFGGGG",
    ],
)
def test_the_reason_hides_what_looks_like_a_secret(line: str) -> None:
    assert "hunter2" not in reason([line])
    assert "[hidden]" in reason([line])


def test_the_reason_is_one_printable_line() -> None:
    assert reason(["a\x1b[31mb\tc\x00"]) == "a [31mb c"
    assert len(reason(["x y " * 1000])) <= 400


@pytest.mark.parametrize(
    ("kind", "remains", "passing"), [("oneshot", "no", True), ("oneshot", "yes", False), ("simple", "no", False)]
)
def test_a_unit_that_runs_once(kind: str, remains: str, passing: bool) -> None:
    unit = parse(shown(Type=kind, RemainAfterExit=remains, ActiveState="inactive"), "ssh.service")
    assert unit.passing is passing


def test_a_unit_that_ran_once_has_settled_although_it_is_at_rest() -> None:
    rests = UnitState("x.service", installed=True, running=False, enabled=None, passing=True)
    wish = UnitWish("restarted")
    assert plan(rests, wish).verbs == ("start",)
    assert plan(rests, wish.settled(rests.passing)).verbs == ()
    assert plan(rests, wish.settled()).verbs == ("start",)
    assert plan(RUNS, UnitWish("stopped").settled(passing=True)).verbs == ("stop",)


def test_a_unit_that_runs_with_what_its_files_held_before() -> None:
    assert parse(shown(ActiveEnterTimestampMonotonic="2500000"), "ssh").entered == 2.5
    assert plan(replace(RUNS, outdated=True), UnitWish("started")).verbs == ("daemon-reload", "restart")
    assert plan(replace(RUNS, outdated=True), UnitWish(enabled=True)).verbs == ()
    assert plan(replace(RUNS, outdated=True), UnitWish("stopped")).verbs == ("stop",)
    assert plan(RUNS, UnitWish("started")).verbs == ()


@pytest.mark.parametrize(
    ("found", "working"),
    [
        (RUNS, True),
        (replace(RUNS, enabled=None), True),
        (replace(RUNS, stale=True), True),
        (replace(RESTS, skipped=True), True),
        (RESTS, False),
        (replace(RUNS, enabled=False), False),
        (replace(RUNS, masked=True), False),
        (UnitState("x.service", installed=False, running=False, enabled=None), False),
    ],
    ids=str,
)
def test_a_unit_at_work_needs_nothing(found: UnitState, working: bool) -> None:
    assert at_work(found) is working
