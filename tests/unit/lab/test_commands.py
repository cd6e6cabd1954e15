# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line says what it does not know."""

from __future__ import annotations

import pytest
from lab import commands
from lab.failure import LabError
from lab.identity import Lab
from lab.state import State


@pytest.mark.parametrize(
    ("instance", "wanted", "labs"),
    [
        ("lab", [], ["lab"]),
        ("lab-ad", [], ["lab-ad"]),
        ("lab", ["postfix"], ["lab"]),
        ("lab", ["axigen"], ["lab-ad"]),
        ("x-ad", ["axigen"], ["x-ad"]),
        ("x-ad", ["axigen", "postfix"], ["x", "x-ad"]),
        ("lab", ["zimbra"], ["lab-zimbra"]),
        ("lab-zimbra", ["postfix"], ["lab"]),
        ("lab", ["all"], ["lab", "lab-ad", "lab-zimbra", "lab-cas"]),
        ("lab", ["cas"], ["lab-cas"]),
    ],
)
def test_products_choose_the_labs_of_their_sites(instance, wanted, labs):
    chosen = commands.chosen(State(Lab("/srv/kerberos", instance)), wanted)
    assert [state.lab.instance for state in chosen] == labs


def test_a_product_without_a_host_is_refused():
    with pytest.raises(LabError, match="PRODUCTS names 'exim': the lab has axigen, cas, postfix, zimbra"):
        commands.chosen(State(Lab("/srv/kerberos")), ["postfix", "exim"])


def test_the_command_follows_the_dashes():
    assert commands.command_words(["--", "ls", "--", "-l"]) == ["ls", "--", "-l"]
    assert commands.command_words(["ls"]) == ["ls"]
    with pytest.raises(LabError, match="after --"):
        commands.command_words(["--"])


def test_a_wrong_instance_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("LAB", "NO")
    assert commands.main(["status"]) == 1
    assert capsys.readouterr().err.startswith("lab: LAB='NO'")


def test_a_site_without_a_rollover_says_so(monkeypatch, capsys):
    monkeypatch.setenv("LAB", "lab-zimbra")
    assert commands.main(["rollover"]) == 1
    assert capsys.readouterr().err.startswith("lab: site zimbra has no rollover")


def test_options_of_a_toolbox_are_told_from_its_command():
    words = commands.parser().parse_args(["toolbox", "--debian", "13", "-e", "A=b", "--", "ls", "-e", "x"])
    assert (words.debian, words.variables, words.argv) == ("13", ["A=b"], ["--", "ls", "-e", "x"])


def test_converged_hosts_are_asked_for_by_an_option():
    assert not commands.parser().parse_args(["prove"]).converged
    assert commands.parser().parse_args(["prove", "--converged"]).converged


def test_each_site_that_changes_keys_has_steps_and_logins():
    for change in commands.KEY_CHANGES.values():
        assert change.steps[0].changes and change.logins
