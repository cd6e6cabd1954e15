# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift report of real runs: every way in which one can end, and what it then says and ends with."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
import yaml
from ansible_collections.mailrealm.kerberos.tests.integration.canary import found_below
from ansible_collections.mailrealm.kerberos.tests.integration.drift_fleet import (
    BEGIN,
    FORMS,
    Fleet,
    Run,
    play,
    wanted,
)

SECRET = b"Canary-of-the-drift-report-4711"
LOOK = (
    wanted("main.cf", "smtpd_sasl_type = cyrus\n"),
    # Once for all hosts, by whichever is the first of its slice
    wanted("once", "x = 1\n", run_once=True, delegate_to="localhost", vars={"here": "{{ top }}"}),
)


@pytest.fixture
def fleet(tmp_path: pathlib.Path) -> Fleet:
    """Three hosts that are as they should be but for the last one."""
    made = Fleet(tmp_path)
    for host, kind in (("a", "cyrus"), ("b", "cyrus"), ("c", "dovecot")):
        made.write(host, "main.cf", f"smtpd_sasl_type = {kind}\n")
    return made


def _waivers(fleet: Fleet, *entries: dict[str, object], name: str = "waivers.yml") -> str:
    path = fleet.top / name
    path.write_text(yaml.safe_dump(list(entries)))
    return str(path)


def _waiver(**fields: object) -> dict[str, object]:
    usual = {
        "name": "c keeps dovecot",
        "expression": "host == 'c' && settings[?name == 'smtpd_sasl_type']",
        "owner": "mail team",
        "reason": "until the move",
        "expires": "2999-01-31",
    }
    return {**usual, **fields}


def _top(fleet: Fleet) -> tuple[str, str]:
    return ("-e", f"top={fleet.top}")


def test_a_fleet_without_drift_but_what_is_waived_ends_with_zero(fleet: Fleet) -> None:
    held = _waivers(fleet, _waiver())
    run = fleet.run("clean", [BEGIN, play(LOOK[0])], "-e", f"waivers={held}")
    assert (run.status, run.report["status"]) == (0, "clean"), run.output
    assert run.states == dict.fromkeys("abc", ("clean", "checked"))
    assert [one["waived_by"] for one in run.report["findings"]] == ["c keeps dovecot"]
    assert "PLAY RECAP" in run.output and "Hosts: 3 clean, 0 with drift, 0 not known." in run.output
    assert {(run.folder / form).stat().st_mode & 0o777 for form in FORMS} == {0o640}


def test_failed_and_unreachable_hosts_are_not_known_and_a_rescued_failure_is_none(fleet: Fleet) -> None:
    tasks = [
        {"name": "Refuse b", "ansible.builtin.fail": {"msg": "b: is wrong"}, "when": "inventory_hostname == 'b'"},
        {
            "block": [{"name": "Try", "ansible.builtin.fail": {"msg": "tried"}}],
            "rescue": [{"name": "Mend", "ansible.builtin.debug": {"msg": "mended"}}],
        },
        *LOOK,
    ]
    lost = {"a": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9}}
    if not any(os.access(pathlib.Path(folder, "ssh"), os.X_OK) for folder in os.environ["PATH"].split(":")):
        lost = {"a": {"ansible_remote_tmp": "/proc/nowhere"}}  # which Ansible calls unreachable, too
    first = play({"name": "Reach all", "ansible.builtin.ping": {}})
    run = fleet.run("lost", [BEGIN, first, play(*tasks)], *_top(fleet), own=lost)
    assert (run.status, run.report["status"]) == (4, "incomplete"), run.output
    assert run.states == {
        "a": ("unknown", "unreachable"),
        "b": ("unknown", "failed"),
        "c": ("drift", "checked"),
    }
    reasons = {one["host"]: one["reason"] for one in run.report["hosts"]}
    assert reasons["b"] == "Refuse b: b: is wrong" and reasons["a"] and reasons["c"] == ""
    assert "not known: a (unreachable)" in run.output and "not known: b (failed): Refuse b: b: is wrong" in run.output


def test_a_run_that_breaks_off_leaves_hosts_of_later_plays_unfinished(fleet: Fleet) -> None:
    refuse = {"name": "Refuse", "ansible.builtin.fail": {"msg": "no"}}
    run = fleet.run("broken", [BEGIN, play(refuse, hosts="a"), play(LOOK[0])])
    assert run.status == 4
    assert run.states == {"a": ("unknown", "failed"), **dict.fromkeys("bc", ("unknown", "unfinished"))}


def test_our_playbook_needs_no_setting_and_says_incomplete_where_no_host_matches(fleet: Fleet) -> None:
    empty = Fleet(fleet.top, ())
    run = empty.run("empty", "mailrealm.kerberos.drift", "-e", f"kerberos_drift_folder={fleet.top}/empty")
    assert (run.status, run.report["status"], run.report["hosts"]) == (4, "incomplete", [])
    both = empty.run(
        "again",
        "mailrealm.kerberos.drift",
        "-e",
        f"kerberos_drift_folder={fleet.top}/again",
        ANSIBLE_CALLBACKS_ENABLED="",
    )
    assert (both.status, both.bytes()) == (4, run.bytes())
    assert run.output.count("Drift report: ") == both.output.count("Drift report: ") == 1


# It leaves a file that says that it waits: what a task displays may come late.
WAIT = {
    "name": "Wait",
    "ansible.builtin.command": {"argv": ["sh", "-c", "touch waits; exec sleep 100"], "chdir": "{{ top }}"},
    "check_mode": False,
    "run_once": True,
}


@pytest.mark.parametrize(
    ("number", "plays"),
    [
        # What was found in plays that had ended, and interrupted by the keyboard in the running one, too
        pytest.param(signal.SIGKILL, [BEGIN, play(*LOOK), play(WAIT)], id="killed"),
        pytest.param(signal.SIGINT, [BEGIN, play(*LOOK, WAIT)], id="interrupted"),
    ],
)
def test_stopped_in_the_middle_it_says_incomplete_with_what_was_found(
    fleet: Fleet, number: int, plays: list[dict[str, object]]
) -> None:
    command = [*fleet.command("stopped", plays), "-e", f"folder={fleet.top}/stopped"]
    with (fleet.top / "output").open("wb") as output:
        process = subprocess.Popen(
            [*command, *_top(fleet)],
            cwd=fleet.top,
            env=fleet.environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        run = Run(0, "", fleet.top / "stopped")
        try:
            give_up = time.monotonic() + 60
            while not (fleet.top / "waits").exists():
                assert process.poll() is None and time.monotonic() < give_up, (fleet.top / "output").read_text()
                time.sleep(0.05)
            os.kill(process.pid, number)
            assert process.wait(60) != 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert run.report["status"] == "incomplete"
    assert set(run.states.values()) == {("unknown", "unfinished")}
    found = {(one["resource"], *one["hosts"]) for one in run.report["findings"]}
    assert found == {(str(fleet.top / "hosts/c/main.cf"), "c"), (f"localhost:{fleet.top}/once", "a", "b", "c")}


def test_what_would_keep_the_report_from_being_written_is_said_before_any_host(fleet: Fleet) -> None:
    begin = {**BEGIN, "tasks": [*BEGIN["tasks"], LOOK[0]]}
    unheard = fleet.run("unheard", [begin], ANSIBLE_CALLBACKS_ENABLED="")
    assert unheard.status == 2 and "Write main.cf" not in unheard.output
    assert "callbacks_enabled = mailrealm.kerberos.drift under [defaults] in ansible.cfg" in unheard.output
    assert "ANSIBLE_CALLBACKS_ENABLED=mailrealm.kerberos.drift" in unheard.output
    (fleet.top / "barred").write_text("a file")
    barred = fleet.run("barred", [begin])
    assert barred.status == 4 and "kerberos_drift_folder:" in barred.output
    bad = _waivers(fleet, _waiver(expression="host ==", name="odd"))
    broken = fleet.run("bad", [begin], "-e", f"waivers={bad}")
    assert broken.status == 4 and "waiver 'odd'" in broken.output and "Write main.cf" not in broken.output
    assert broken.report["status"] == "incomplete"


def test_other_playbooks_are_reported_on_in_check_mode_alone(fleet: Fleet) -> None:
    plays = [{"name": "Set up", "hosts": "all", "gather_facts": False, "tasks": [LOOK[0]]}]
    checked = fleet.run("other", plays, "--check", "--diff", MAILREALM_DRIFT_FOLDER=str(fleet.top / "other"))
    assert (checked.status, checked.states["c"]) == (2, ("drift", "checked"))
    real = fleet.run("real", plays, MAILREALM_DRIFT_FOLDER=str(fleet.top / "real"))
    assert real.status == 0 and not real.folder.exists() and "is not in check mode" in real.output


def test_waivers_that_have_ended_or_match_nothing_are_findings(fleet: Fleet) -> None:
    yesterday = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).date()
    ended = _waivers(fleet, _waiver(expires=yesterday), _waiver(name="gone", expression="host == 'z'"))
    run = fleet.run("ended", [BEGIN, play(LOOK[0])], "-e", f"waivers={ended}")
    assert (run.status, run.states["c"]) == (2, ("drift", "checked"))
    assert {one["name"]: one["state"] for one in run.report["waivers"]} == {
        "c keeps dovecot": "expired",
        "gone": "unmatched",
    }
    assert [one["kind"] for one in run.report["findings"]].count("waiver") == 2


def test_slices_merge_into_the_report_of_one_run_whatever_the_forks(fleet: Fleet) -> None:
    waived = _waivers(fleet, _waiver(expression="host == 'a'"), _waiver(name="never", expression="host == 'z'"))
    plays, words = [BEGIN, play(*LOOK)], (*_top(fleet), "-e", f"waivers={waived}")
    whole = fleet.run("whole", plays, *words, "--forks", "5")
    assert (whole.status, whole.report["status"]) == (2, "drift"), whole.output
    by_resource = {one["resource"]: one for one in whole.report["findings"]}
    found = by_resource[str(fleet.top / "hosts/c/main.cf")]
    assert found["settings"] == [{"name": "smtpd_sasl_type", "is": "dovecot", "should": "cyrus"}]
    assert (found["hosts"], found["task"], found["kind"]) == (["c"], "Write main.cf", "change")
    once = [one for one in whole.report["findings"] if one["resource"] == f"localhost:{fleet.top}/once"]
    assert sorted(host for one in once for host in one["hosts"]) == ["a", "b", "c"]
    # Nothing was changed, though no option said so.
    assert (fleet.top / "hosts/c/main.cf").read_text() == "smtpd_sasl_type = dovecot\n"
    assert not (fleet.top / "once").exists()
    alone = fleet.run("alone", plays, *words, "--forks", "1")
    assert whole.bytes() == alone.bytes()
    for name, limit in (("slice-1", "c"), ("slice-2", "a,b")):
        fleet.run(name, plays, *words, "--limit", limit)
    given = {"kerberos_drift_reports": [f"{fleet.top}/slice-*/drift.json"], "kerberos_drift_folder": f"{fleet.top}/all"}
    merged = fleet.run("all", "mailrealm.kerberos.drift_merge", "-e", json.dumps(given), ANSIBLE_CALLBACKS_ENABLED="")
    assert merged.status == whole.status == 2, merged.output
    assert merged.bytes() == whole.bytes()
    assert "Drift report: drift" in merged.output
    lost = {**given, "kerberos_drift_reports": [f"{fleet.top}/none/drift.json"]}
    missing = fleet.run("none", "mailrealm.kerberos.drift_merge", "-e", json.dumps(lost))
    assert missing.status == 2 and "none/drift.json names no file on the controller" in missing.output


def test_nothing_secret_is_in_the_report(fleet: Fleet) -> None:
    secret = SECRET.decode()
    tasks = [
        wanted("secret.conf", f"password = {secret}\n", no_log=True),
        {
            "name": "Refuse",
            "ansible.builtin.fail": {"msg": secret},
            "no_log": True,
            "when": "inventory_hostname == 'b'",
        },
        wanted("ldap.conf", f"bind_password = {secret}\n"),
    ]
    run = fleet.run("secret", [BEGIN, play(*tasks)])
    assert run.status == 4
    assert {one["task"] for one in run.report["findings"]} >= {"Write secret.conf", "Write ldap.conf"}
    assert found_below(run.folder, SECRET) == []
