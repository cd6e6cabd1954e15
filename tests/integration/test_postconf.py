# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""postconf through ansible-playbook, and Postfix's own postconf as the judge of what it wrote (needs the toolbox)."""

from __future__ import annotations

import os
import pathlib
import random
import shutil
import subprocess
from typing import Any

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain import main_cf, master_cf, postfix_line
from ansible_collections.mailrealm.kerberos.tests.integration import ladder
from ansible_collections.mailrealm.kerberos.tests.integration.forked_ladder import climb, play
from ansible_collections.mailrealm.kerberos.tests.integration.refusals import assert_refused

MAIN = """\
# A comment
compatibility_level = 3.6
smtpd_banner = $myhostname ESMTP
# between a line and its continuation
  $mail_name (test)
biff=no
mynetworks = 127.0.0.0/8   [::1]/128
relayhost =
biff = yes
"""
MASTER = """\
# service type  private unpriv  chroot  wakeup  maxproc command
smtp      inet  n       -       y       -       -       smtpd
#submission inet n       -       y       -       -       smtpd
cleanup   unix  n       -       y       -       0       cleanup
relay     unix  -       -       y       -       -       smtp
        -o syslog_name=postfix/$service_name
#       -o smtp_helo_timeout=5
maildrop  unix  -       n       n       -       -       pipe
  flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}
"""
WISHES: dict[str, Any] = {
    "main": {
        "mynetworks": "127.0.0.0/8 [::1]/128",
        "relayhost": "[relay.example.test]:587",
        "smtpd_sasl_auth_enable": True,
        "smtpd_banner": "$myhostname ESMTP no#1 $$ok",
        "my_restrictions": ["permit_sasl_authenticated", "reject"],
        "smtpd_client_restrictions": "$my_restrictions",
    },
    "main_append": {"import_environment": ["KRB5_KTNAME=/etc/postfix/smtp.keytab", "TZ"]},
    "main_absent": ["biff", "inet_protocols"],
    "services": [
        {"name": "smtp", "type": "inet", "private": "n", "chroot": "n", "wakeup": "0"},
        {
            "name": "submission",
            "type": "inet",
            "command": "smtpd",
            "options": {"smtpd_relay_restrictions": "permit_sasl_authenticated, reject", "smtpd_tls_auth_only": True},
        },
        {"name": "relay", "type": "unix", "options": {"smtp_helo_timeout": 5}, "options_absent": ["syslog_name"]},
        {"name": "maildrop", "type": "unix", "options": {"syslog_name": "drop"}},
        {"name": "cleanup", "type": "unix", "maxproc": "0"},
    ],
}
BEFORE = """\
main.cf: relayhost =
main.cf: smtpd_banner = $myhostname ESMTP $mail_name (test)
main.cf: biff = yes
master.cf: smtp/inet: chroot = y
master.cf: relay/unix: -o syslog_name = postfix/$service_name
"""


@pytest.fixture
def directory(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "postfix"
    folder.mkdir()
    (folder / "main.cf").write_text(MAIN)
    (folder / "master.cf").write_text(MASTER)
    (folder / "main.cf").chmod(0o640)
    shutil.chown(folder / "main.cf", "nobody", "nogroup")
    return aged(folder)


def aged(directory: pathlib.Path) -> pathlib.Path:
    """Postfix's programs read a file again and again for a second after its last change, lest they see half of it."""
    for path in directory.glob("*.cf"):
        os.utime(path, (0, 0))
    return directory


def task(directory: pathlib.Path, **wishes: Any) -> list[dict[str, Any]]:
    return [{"mailrealm.kerberos.postconf": {"config_directory": str(directory), **wishes}}]


def postconf(directory: pathlib.Path, *words: str) -> dict[str, str]:
    """What Postfix's own postconf reads, name -> value; it must have no complaint."""
    command = ["/usr/sbin/postconf", "-c", aged(directory), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert not done.stderr, done.stderr
    pairs = (line.partition(" =") for line in done.stdout.splitlines())
    return {name: postfix_line.normal(value) for name, dummy, value in pairs if name != "config_directory"}


def entries(directory: pathlib.Path) -> dict[str, list[str]]:
    """master.cf as `postconf -M` reads it, name/type -> the other words."""
    command = ["/usr/sbin/postconf", "-c", aged(directory), "-M"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = (line.split() for line in done.stdout.splitlines())
    return {f"{row[0]}/{row[1]}": row[2:] for row in rows}


def test_the_ladder_and_what_postfix_makes_of_it(directory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    default = postconf(directory, "-d", "import_environment")["import_environment"]
    watch = [directory / "main.cf", directory / "master.cf"]
    steps = climb(task(directory, **WISHES), tmp_path, watch=watch)
    assert steps.changed == (True, True, False, False)
    assert steps.check.watched_after == steps.check.watched_before
    assert steps.run_again.watched_after == steps.run.watched_after  # not even touched
    assert steps.check.diff == steps.run.diff
    assert steps.run.diff[0]["before"] == BEFORE
    assert len(steps.run.diff[0]["after"].splitlines()) == 12
    assert steps.run.only.data["restart_required"] is True
    assert steps.run_again.only.data["restart_required"] is False
    values = postconf(directory, "-n")
    assert values == {
        "compatibility_level": "3.6",
        "smtpd_banner": "$myhostname ESMTP no#1 $$ok",
        "mynetworks": "127.0.0.0/8 [::1]/128",
        "relayhost": "[relay.example.test]:587",
        "smtpd_sasl_auth_enable": "yes",
        "my_restrictions": "permit_sasl_authenticated, reject",
        "smtpd_client_restrictions": "$my_restrictions",
        "import_environment": f"{default} KRB5_KTNAME=/etc/postfix/smtp.keytab",
    }
    assert postconf(directory, "-P") == {
        "submission/inet/smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "submission/inet/smtpd_tls_auth_only": "yes",
        "relay/unix/smtp_helo_timeout": "5",
        "maildrop/unix/syslog_name": "drop",
    }
    assert entries(directory)["smtp/inet"] == ["n", "-", "n", "-", "-", "smtpd"]
    assert entries(directory)["submission/inet"][:6] == ["n", "-", "n", "-", "-", "smtpd"]
    assert entries(directory)["maildrop/unix"][-2:] == ["-d", "${recipient}"]


def test_everything_else_stays_to_the_byte(directory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    step, output = play(task(directory, **WISHES, backup=True), tmp_path)
    assert not step.failed, output
    kept = MAIN.replace("  $mail_name (test)\n", "").replace("biff=no\n", "").replace("biff = yes\n", "")
    kept = kept.replace("$myhostname ESMTP\n", "$myhostname ESMTP no#1 $$ok\n")
    kept = kept.replace("relayhost =\n", "relayhost = [relay.example.test]:587\n")
    assert (directory / "main.cf").read_text().startswith(kept)
    status = (directory / "main.cf").stat()
    assert (status.st_mode & 0o7777, (directory / "main.cf").owner()) == (0o640, "nobody")
    assert [pathlib.Path(path).read_text() for path in step.only.data["backup_files"]] == [MAIN, MASTER]
    master = (directory / "master.cf").read_text()
    assert [line for line in MASTER.splitlines() if line.startswith("#")] == [
        line for line in master.splitlines() if line.startswith("#")
    ]
    assert sorted(path.name.partition(".cf")[0] for path in directory.iterdir()) == ["main"] * 2 + ["master"] * 2


def test_only_the_file_that_changes_is_written(directory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    before = (directory / "master.cf").stat()
    step, output = play(task(directory, main={"relayhost": "x"}, services=[{"name": "smtp", "type": "inet"}]), tmp_path)
    assert step.changed, output
    after = (directory / "master.cf").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


REFUSALS: dict[str, dict[str, Any]] = {
    "main: 'smtpd_sasl_auth_enabled' is no parameter of this Postfix": {"main": {"smtpd_sasl_auth_enabled": True}},
    "main: relayhost: nothing is no value of Postfix's": {"main": {"relayhost": None}},
    "main: relayhost: dict is no value of Postfix's": {"main": {"relayhost": {"a": 1}}},
    "main: relayhost: '${x' is no $name": {"main": {"relayhost": "${x"}},
    "main: 'relay host' cannot be the name of a parameter": {"main": {"relay host": "x"}},
    "main: 'biff' is asked for in two of main": {"main": {"biff": True}, "main_absent": ["biff"]},
    "services: x/unix is not in master.cf": {"services": [{"name": "x", "type": "unix"}]},
    "services: smtp/inet: maxproc: 'many' is no number": {
        "services": [{"name": "smtp", "type": "inet", "maxproc": "many"}]
    },
    "services: smtp/inet: options: 'relay_host' is no parameter": {
        "services": [{"name": "smtp", "type": "inet", "options": {"relay_host": "x"}}]
    },
}


def test_bad_input_is_one_sentence_and_nothing_is_written(directory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    cases = {
        start: task(directory, **{"main_append": {"relayhost": "y"}, **wishes})[0]
        if "main" not in wishes
        else task(directory, **wishes)[0]
        for start, wishes in REFUSALS.items()
    }
    assert_refused(cases, tmp_path)
    assert ((directory / "main.cf").read_text(), (directory / "master.cf").read_text()) == (MAIN, MASTER)
    assert len(list(directory.iterdir())) == 2


def test_places_that_are_no_postfix_directory(tmp_path: pathlib.Path) -> None:
    (tmp_path / "some" / "main.cf").mkdir(parents=True)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "main.cf").write_text("\nrelayhost\n")
    (tmp_path / "half").mkdir()
    wish = {"main": {"relayhost": "y"}}
    cases = {
        f"config_directory: {tmp_path}/none is not a directory": task(tmp_path / "none", **wish)[0],
        f"{tmp_path}/some/main.cf: is a directory": task(tmp_path / "some", **wish)[0],
        "main.cf: line 2 is not of the form 'name = value'": task(tmp_path / "broken", **wish)[0],
        f"{tmp_path}/half/master.cf: is not there": task(
            tmp_path / "half", services=[{"name": "smtp", "type": "inet", "chroot": "n"}]
        )[0],
    }
    assert_refused(cases, tmp_path)


def test_passwords_are_shown_nowhere(directory: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with (directory / "main.cf").open("a") as stream:
        stream.write("smtp_sasl_password_maps = static:canary-old:canary-older\nldap_x_bind_pw = canary-oldest\n")
    aged(directory)
    wishes = {
        "main": {"smtp_sasl_password_maps": "static:canary-a:canary-b"},
        "main_absent": ["ldap_x_bind_pw", "biff"],
    }
    steps = ladder.climb(task(directory, **wishes), tmp_path, verbosity=4)
    assert steps.changed == (True, True, False, False)
    assert "canary" not in steps.output
    assert "canary" not in str([result.data for step in (steps.check, steps.run) for result in step.results])
    assert postconf(directory, "-n")["smtp_sasl_password_maps"] == "static:canary-a:canary-b"


LINES = (
    "# c\n",
    "  # c\n",
    "\n",
    " \n",
    "relayhost = a\n",
    "relayhost=\n",
    "biff = $relayhost x\n",
    "  more\n",
    "\ty # z\n",
)
WORDS = (
    "smtpd",
    "-v",
    "-o biff=no",
    "-o{ biff = a b }",
    "-vo biff=${x?{a b}}",
    "\n -o biff=c",
    "\n# c\n  ",
)


@pytest.mark.parametrize("seed", range(16))
def test_postconf_reads_a_file_as_we_do(tmp_path: pathlib.Path, seed: int) -> None:
    choice = random.Random(seed)
    main = "".join(choice.choices(LINES, k=8)) + "relayhost = end\n"
    master = "x unix - n n - - smtpd " + " ".join(choice.choices(WORDS, k=5)) + " end\n"
    (tmp_path / "main.cf").write_text(main)
    (tmp_path / "master.cf").write_text(master)
    words = ["/usr/sbin/postconf", "-c", aged(tmp_path)]
    read = subprocess.run([*words, "-n"], capture_output=True, text=True, check=True).stdout
    theirs = dict(line.split(" =", 1) for line in read.splitlines() if not line.startswith("config_directory"))
    ours = {name: postfix_line.normal(value) for name, value in main_cf.values(main).items()}
    assert ours == {name: postfix_line.normal(value) for name, value in theirs.items()}
    read = subprocess.run([*words, "-P"], capture_output=True, text=True, check=True).stdout
    theirs = dict(line.split(" = ", 1) if " = " in line else (line[:-2], "") for line in read.splitlines())
    service = master_cf.find(master, "x/unix")
    assert service is not None
    assert {f"x/unix/{name}": value for name, value in service.options.items()} == theirs
