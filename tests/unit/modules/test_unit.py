# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system import systemctl
from ansible_collections.mailrealm.kerberos.plugins.modules import host_facts, unit

AT_REST = "LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=disabled\n"
RUNS = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n"


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Run the module in this process on units of a host; its result, and each call of systemctl without options."""

    def run_module(host, check=False, module=unit, **options):
        calls = []
        units = dict(host)

        def systemctl_says(argv):
            words = [word for word in argv[1:] if not word.startswith("-")]
            calls.append(words)
            verb, *names = words
            if verb == "show":
                blocks = [f"Id={name}\n{units.get(name, 'LoadState=not-found')}" for name in names]
                return 0, "\n".join(block.rstrip("\n") + "\n" for block in blocks), ""
            units[names[0]] = RUNS
            return 0, "", ""

        monkeypatch.setattr(systemctl, "BOOTED", str(tmp_path))
        monkeypatch.setattr(systemctl, "BETWEEN", 0)
        monkeypatch.setattr(systemctl, "_run", systemctl_says)
        given = {"_ansible_check_mode": check, "_ansible_diff": True, **options}
        with patch_module_args(given), pytest.raises(SystemExit):
            module.main()
        return json.loads(capsys.readouterr().out), calls

    return run_module


TWO = [{"name": "krb5-kdc", "enabled": None}, {"name": "krb5-admin-server", "enabled": None}]
KDC, ADMIN = "krb5-kdc.service", "krb5-admin-server.service"


def test_two_units_that_run_are_read_by_one_call(run):
    result, calls = run({KDC: RUNS, ADMIN: RUNS}, units=TWO, state="started", enabled=True)
    assert result["changed"] is False
    assert [one["name"] for one in result["units"]] == [KDC, ADMIN]
    assert calls == [["show", KDC, ADMIN]]


@pytest.mark.parametrize("check", [True, False])
def test_only_the_unit_that_rests_is_started(run, check):
    result, calls = run({KDC: RUNS, ADMIN: AT_REST}, check, units=TWO, state="started", enabled=True)
    assert result["changed"] is True
    assert [one["actions"] for one in result["units"]] == [[], ["enable", "start"]]
    assert [(one["before_header"], one["before"], one["after"]) for one in result["diff"]] == [
        (KDC, "enabled: true\nstate: started\n", "enabled: true\nstate: started\n"),
        (ADMIN, "enabled: false\nstate: stopped\n", "enabled: true\nstate: started\n"),
    ]
    done = [words for words in calls if words[0] != "show"]
    assert done == ([] if check else [["enable", ADMIN], ["start", ADMIN]])


def test_a_unit_of_several_may_say_itself_whether_it_starts_at_boot(run):
    own = [{"name": "postfix@-"}, {"name": "postfix", "enabled": True}]
    result, calls = run({"postfix@-.service": AT_REST, "postfix.service": AT_REST}, units=own, state="started")
    assert [one["actions"] for one in result["units"]] == [["start"], ["enable", "start"]]
    assert [words for words in calls if words[0] != "show"] == [
        ["start", "postfix@-.service"],
        ["enable", "postfix.service"],
        ["start", "postfix.service"],
    ]


def test_one_unit_has_a_result_and_a_diff_of_its_own(run):
    result, dummy = run({KDC: AT_REST}, name="krb5-kdc", state="started")
    assert (result["name"], result["actions"], "units" in result) == (KDC, ["start"], False)
    assert result["diff"]["after"] == "state: started\n"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "no-such"}, "name 'no-such': there is no unit no-such.service on this host; "),
        (
            {"units": [*TWO, {"name": "no-such"}]},
            "units.name 'no-such': there is no unit no-such.service on this host; ",
        ),
        ({}, "one of the following is required: name, units"),
        ({"name": "krb5-kdc", "units": TWO}, "parameters are mutually exclusive: name|units"),
    ],
)
def test_refusals(run, options, said):
    result, calls = run({KDC: RUNS, ADMIN: RUNS}, state="started", **options)
    assert said in result["msg"]
    assert [words for words in calls if words[0] != "show"] == []


def test_in_check_mode_a_unit_of_several_may_be_one_that_comes(run):
    result, dummy = run({KDC: RUNS}, check=True, units=TWO, state="started")
    assert [(one["installed"], one["actions"]) for one in result["units"]] == [(True, []), (False, ["start"])]


def test_host_facts_tells_what_this_module_would_leave_alone(run):
    host = {KDC: RUNS, ADMIN: AT_REST}
    found, calls = run(host, module=host_facts, facts=False, units=["krb5-kdc", "krb5-admin-server", "chrony"])
    assert found["units"] == ["krb5-kdc"]
    assert calls == [["show", KDC, ADMIN, "chrony.service"]]
    assert run(host, name="krb5-kdc", state="started", enabled=True)[0]["changed"] is False


def test_host_facts_tells_of_no_unit_where_systemd_cannot(run):
    broken = {KDC: RUNS, ADMIN: "LoadState=bad-setting"}
    assert run(broken, module=host_facts, facts=False, units=["krb5-kdc", "krb5-admin-server"])[0]["units"] == []
    wrong = run({}, module=host_facts, facts=False, units=["krb5 kdc"])[0]
    assert wrong["failed"] and wrong["msg"].startswith("name 'krb5 kdc': is not a unit's name; ")
