# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_access import (
    AUTO,
    LOCAL,
    REMOTE,
    AccessRefusal,
    KadminAccess,
    check_db_args,
    db_words,
    kadmin_words,
    kinit_words,
    settle_access,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_command import CommandRefusal
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.kadmin_symptoms import (
    COMMAND,
    NO_DATABASE,
    NO_PRINCIPAL,
    START,
    KadminRefusal,
    NotThereYet,
    explained,
)
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.realm_plan import (
    RealmRefusal,
    RealmState,
    check_spelling,
    parse_realm_wish,
    plan_realm,
)

FACTS = {
    "place": "realm R (kadmin.local)",
    "who": "root",
    "program": "kadmin.local",
    "status": 1,
    "subject": "principal alice@R",
}


@pytest.mark.parametrize(
    ("options", "mode"),
    [({}, LOCAL), ({"realm": "R"}, LOCAL), ({"db_args": ("dbname=x",)}, LOCAL), ({"ccache": "c"}, REMOTE),
     ({"principal": "a", "keytab": "k", "server": "s"}, REMOTE)],
)  # fmt: skip
def test_auto(options, mode):
    assert settle_access(KadminAccess(AUTO, **options)).mode == mode


def test_words_hold_no_password():
    access = settle_access(KadminAccess(AUTO, "R", "kdc1", "a/admin", password="canary", db_args=("host=h",)))
    assert kinit_words(access, "FILE:c") == ("-c", "FILE:c", "-S", "kadmin/admin@R", "a/admin")
    assert kadmin_words(access, "FILE:c") == ("-r", "R", "-x", "host=h", "-s", "kdc1", "-c", "FILE:c")
    assert "canary" not in repr(access)
    assert kadmin_words(settle_access(KadminAccess(AUTO, principal="a", keytab="k"))) == ("-k", "-t", "k", "-p", "a")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": LOCAL, "server": "s"}, "kadmin.server: kadmin.local asks for no login"),
        ({"mode": REMOTE}, "nothing given to log in with"),
        ({"keytab": "k", "password": "p", "principal": "a"}, "kadmin.keytab and kadmin.password given"),
        ({"password": "canary"}, "kadmin.principal: is missing; name the administrator whose password"),
        ({"principal": "-x", "password": "p"}, "kadmin.principal: '-x' begins with a dash"),
        ({"realm": ""}, "kadmin.realm: is empty"),
        ({"server": "h", "master_password": "canary"}, "kadmin.master_password: opens the database for kadmin.local"),
        ({"db_args": ("BindPwd=canary",)}, "'bindpwd' would stand in the process list"),
    ],
)
def test_access_that_is_refused(options, words):
    with pytest.raises(AccessRefusal) as refused:
        settle_access(KadminAccess(**{"mode": AUTO, **options}))
    assert words in str(refused.value) and "canary" not in str(refused.value)


def test_newline_in_a_password_is_refused_unseen():
    with pytest.raises(CommandRefusal, match=r"^kadmin.password: the value holds a newline"):
        settle_access(KadminAccess(AUTO, principal="a", password="canary\n"))


def test_start_without_database():
    words = (
        "Cannot open DB2 database '/x/principal': No such file or directory while initializing kadmin.local interface"
    )
    refusal = explained(words, FACTS, START)
    assert isinstance(refusal, NotThereYet) and refusal.kind == NO_DATABASE and refusal.path == "/x/principal"
    assert str(refusal).startswith("realm R (kadmin.local): there is no database at /x/principal; create it")


@pytest.mark.parametrize("table", [START, COMMAND])
@pytest.mark.parametrize(
    "words", ["", "anything else {braces}", "Cannot open DB2 database '/x': Invalid argument while init"]
)
def test_every_word_gives_one_sentence(table, words):
    refusal = explained(words, FACTS, table)
    assert refusal.__class__ is KadminRefusal and "; " in str(refusal) and "\n" not in str(refusal)


def test_principal_that_does_not_exist():
    assert explained("Principal nobody does not exist.", FACTS, COMMAND).kind == NO_PRINCIPAL


@pytest.mark.parametrize(
    ("table", "words", "sentence"),
    [
        (
            COMMAND,
            'add_principal: Unsupported argument "dn=x" for db2 while creating "a@R".',
            "db_args: the realm's database (db2) takes no 'dn=x'; leave it out",
        ),
        (
            COMMAND,
            'add_alias: Communication failure with server while aliasing principal "b@R" to "a@R"',
            "aliases: the kadmind of realm R (kadmin.local) is older than MIT Kerberos 1.22 and knows no aliases",
        ),
        (
            COMMAND,
            'add_principal: Communication failure with server while creating "a@R".',
            "the connection to the kadmind of realm R (kadmin.local) broke; see that it runs and run again",
        ),
        (
            START,
            'Unsupported argument "host" for db2 while initializing kadmin.local interface',
            "db_args: the database of realm R (kadmin.local) (db2) takes no 'host'; leave it out",
        ),
        (
            START,
            "Unable to decrypt latest master key with the provided master key  while initializing",
            "realm R (kadmin.local): the master key in the stash, or of kadmin.master_password, is not the database's;",
        ),
    ],
)
def test_what_kadmin_says_names_the_option(table, words, sentence):
    assert sentence in str(explained(words, FACTS, table))


@pytest.mark.parametrize("option", ["db_args", "kadmin.db_args"])
def test_arguments_for_the_database_module(option):
    assert db_words(check_db_args(["a=1", "b"], option)) == ("-x", "a=1", "-x", "b")
    with pytest.raises(AccessRefusal, match=f"^{option}: 'bindpwd' would stand in the process list") as refused:
        check_db_args(["host=x", "bindPWD=canary"], option)
    assert "canary" not in str(refused.value)


# -- the realm ----------------------------------------------------------------------------------------------------


def wish(state="present", password="p", stash=True, confirmation=None):
    return parse_realm_wish("R", state, password, stash, confirmation)


THERE, NOT_THERE, NO_STASH = RealmState(True, True), RealmState(False, False), RealmState(True, False)


@pytest.mark.parametrize(
    ("state", "asked", "verb", "after"),
    [
        (NOT_THERE, wish(), "create", ("database: present", "stash: present")),
        (NOT_THERE, wish(stash=False), "create", ("database: present", "stash: absent")),
        (THERE, wish(), None, ()),
        (THERE, wish(stash=False), None, ()),
        (NO_STASH, wish(stash=False), None, ()),
        (NO_STASH, wish(), "stash", ("database: present", "stash: present")),
        (NOT_THERE, wish("absent", None, True, "R"), None, ()),
        (THERE, wish("absent", None, True, "R"), "destroy", ("database: absent",)),
        (RealmState(True, False, "broken"), wish("absent", None, True, "R"), "destroy", ("database: absent",)),
    ],
)
def test_plan_of_a_realm(state, asked, verb, after):
    plan = plan_realm(state, asked)
    assert (plan.verb, plan.after) == (verb, after)


def test_realms_that_are_not_touched():
    with pytest.raises(RealmRefusal, match="give its master_password"):
        plan_realm(NO_STASH, wish(password=None))
    with pytest.raises(RealmRefusal, match="what is wrong"):
        plan_realm(RealmState(True, False, "what is wrong"), wish())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stash": False, "password": None}, "master_password: is needed"),
        ({"password": ""}, "master_password: is empty"),
        ({"state": "absent"}, "set it to 'R'"),
        ({"state": "absent", "confirmation": "r"}, "set it to 'R'"),
    ],
)
def test_wishes_that_are_refused(options, words):
    with pytest.raises(RealmRefusal, match=words):
        wish(**options)


@pytest.mark.parametrize("name", ["", "-R", "A B", "A/B", "a@B"])
def test_names_that_are_no_realm(name):
    with pytest.raises(RealmRefusal, match=r"^name: "):
        parse_realm_wish(name, "present", None, True, None)


def test_spelling():
    check_spelling("R", [("R", "kdc.conf"), ("r", "krb5.conf")])
    check_spelling("Q", [("R", "kdc.conf")])
    with pytest.raises(RealmRefusal, match=r"^realm 'r': kdc.conf names it 'R', "):
        check_spelling("r", [("R", "kdc.conf")])
