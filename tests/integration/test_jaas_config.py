# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""jaas_config through ansible-playbook: the ladder, refusals in both modes, secrets that nobody sees."""

from __future__ import annotations

import pathlib
import stat
from typing import Any

from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.forked_module import of_task
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

KRB5 = "com.sun.security.auth.module.Krb5LoginModule"
BEFORE = """\
// shipped
foreign { x.Y optional bindCredential="hunter2"; }; // note
jcifs.spnego.accept {
    com.sun.security.auth.module.Krb5LoginModule required
        storeKey=true  // keep
        useTicketCache=true;
};
old { x.Y required; };
"""
OPTIONS = {"storeKey": True, "keyTab": "/etc/cas/cas.keytab", "principal": "HTTP/cas.example.test@EXAMPLE.TEST"}


def task(path: pathlib.Path, *entries: tuple[str, dict[str, Any]], **options: Any) -> dict[str, Any]:
    given = [{"name": name, "modules": [{"class": KRB5, "options": held}]} for name, held in entries]
    return {"mailrealm.kerberos.jaas_config": {"path": str(path), "entries": given, **options}}


def test_the_ladder(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "login.conf"
    path.write_text(BEFORE)
    asked = task(path, ("jcifs.spnego.accept", OPTIONS), ("new", OPTIONS), absent=["old"], backup=True)
    steps = climb([asked], tmp_path, watch=[path], environment_more=FAST)
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after
    assert steps.check.diff == steps.run.diff
    assert path.read_text() == BEFORE.replace(
        "  // keep\n        useTicketCache=true;",
        '  // keep\n        keyTab="/etc/cas/cas.keytab"\n        principal="HTTP/cas.example.test@EXAMPLE.TEST";',
    ).replace(
        "old { x.Y required; };\n",
        f'new {{\n    {KRB5} required\n        storeKey=true\n        keyTab="/etc/cas/cas.keytab"\n'
        '        principal="HTTP/cas.example.test@EXAMPLE.TEST";\n};\n',
    )
    assert pathlib.Path(steps.run.only.data["backup_file"]).read_text() == BEFORE
    (part,) = steps.run.diff
    assert "useTicketCache=true;" in part["before"] and "useTicketCache" not in part["after"]
    assert "foreign" not in part["before"] + part["after"] and "old {" in part["before"]


def test_a_new_file_is_not_everybody_s(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "login.conf"
    forked_module.climb(*of_task(task(path, ("com.sun.security.jgss.krb5.accept", OPTIONS))), tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    gone = task(path, absent=["com.sun.security.jgss.krb5.accept"])
    forked_module.climb(*of_task(gone), tmp_path)
    assert path.read_text() == ""


def test_secrets_are_not_shown(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "login.conf"
    path.write_text(BEFORE)
    good, broken = (
        task(path, ("foreign", {"bindCredential": "canary-5e1f", **more})) for more in ({}, {"broken": None})
    )
    for asked in (good, broken):
        said = forked_module.run(*of_task(asked), tmp_path, check=True).output
        assert "canary-5e1f" not in said and "hunter2" not in said
    step, output = play([good, broken], tmp_path, verbosity=4)
    assert [result.status for result in step.results] == ["ok", "failed"], output
    assert "canary-5e1f" not in output and "hunter2" not in output
    assert "hunter2" not in str([result.data for result in step.results])
    assert "bindCredential=canary-5e1f;" in path.read_text()


def test_refusals_in_both_modes(tmp_path: pathlib.Path) -> None:
    good, folded, unclosed = (tmp_path / name for name in ("login.conf", "folded.conf", "unclosed.conf"))
    good.write_text(BEFORE)
    folded.write_text(f"x {{\n {KRB5} required storeKey=true \\\n useKeyTab=true;\n}};\n")
    unclosed.write_text("x { a.B required; };\n/* c\n")
    entry = ("x", OPTIONS)
    cases = {
        f"{folded}: line 2, column 70: ": task(folded, entry),
        f"{unclosed}: line 2, column 1: the comment is never closed": task(unclosed, ("y", OPTIONS)),
        "entries: 'x' is asked for twice": task(good, entry, entry),
        "absent: 'x' is asked for twice": task(good, entry, absent=["x"]),
        "entries[0].name: '' is no name": task(good, ("", OPTIONS)),
        "entries[0].modules[0].options.k: a dict is no value": task(good, ("x", {"k": {}})),
        "entries[0].modules[0].options.k: the value holds a character": task(good, ("x", {"k": "a\nb"})),
        "entries[0].modules[0].options.k: '${' begins": task(good, ("x", {"k": "${a"})),
        "entries[0].modules: the JDK does not find": {
            "mailrealm.kerberos.jaas_config": {"path": str(good), "entries": [{"name": "x", "modules": []}]}
        },
        "entries[0].modules[0].class: 'a b' is no name": {
            "mailrealm.kerberos.jaas_config": {
                "path": str(good),
                "entries": [{"name": "x", "modules": [{"class": "a b"}]}],
            }
        },
    }
    assert_refused(cases, tmp_path)
    assert good.read_text() == BEFORE
