# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan over Axigen's running configuration and its file."""

from __future__ import annotations

from typing import Any, Mapping

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_attributes import METHODS, UNKNOWN
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_cli import AxigenRefusal, Setting
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_configured import Configured
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.axigen_settings import (
    Change,
    Plan,
    State,
    Wish,
    diff,
    plan,
    unsaved,
    wish_from,
)

RUNS: dict[str, Mapping[str, Setting]] = {
    "imap": {
        "secureConnAuthTypes": ("plain", "login"),
        "plainConnAuthTypes": ("all",),
        "logLevel": "15",
        "allowStartTLS": "yes",
        "greetingsText": "hi",
        "relayPassword": "canary-5e1f",
    },
    "pop3": {"secureConnAuthTypes": "all", "logLevel": "15"},
    "webmail": {"allowSPNEGOAuth": "no"},
}
NAMES = ("imap", "pop3", "webmail")


def wish(**options: Any) -> Wish:
    return wish_from({"save": True, **options})


def state(
    saved: Mapping[str, Mapping[str, Setting]] | None = None, started: tuple[str, ...] = NAMES, **more: Any
) -> State:
    """RUNS, over a file that holds the same but for what is given."""
    kept = {service: {**values, **(saved or {}).get(service, {})} for service, values in RUNS.items()}
    return State(Configured(RUNS, started), Configured(kept, started), **more)


def test_exact_values() -> None:
    found = plan(
        state(),
        wish(
            services={
                "imap": {"secureconnauthtypes": ["gssapi", "PLAIN"], "allowStartTLS": True, "logLevel": 15},
                "pop3": {"secureConnAuthTypes": ["gssapi", "plain", "login", "digest-md5", "cram-md5"]},
                "webmail": {"allowSPNEGOAuth": True},
                "log": None,
            }
        ),
    )
    assert found.changes == (
        Change("imap", "secureConnAuthTypes", ("plain", "login"), ("gssapi", "plain")),
        Change("webmail", "allowSPNEGOAuth", "no", "yes"),
    )
    assert found.services == ("imap", "webmail")
    assert [change.command for change in found.changes] == [
        "SET secureConnAuthTypes (gssapi plain)",
        "SET allowSPNEGOAuth yes",
    ]
    assert found.save and found.changed
    assert found.in_file == found.changes


def test_nothing_to_do() -> None:
    found = plan(
        state(answering={"imap": True}),
        wish(
            services={"imap": {"secureConnAuthTypes": ["login", "Plain"]}},
            services_add={"pop3": {"secureConnAuthTypes": ["gssapi"]}, "imap": {"plainConnAuthTypes": ["gssapi"]}},
            services_remove={"imap": {"logLevel": 16}},
            running=["imap"],
        ),
    )
    assert found == Plan()
    assert not found.changed


def test_all_is_written_out() -> None:
    (change,) = plan(state(), wish(services={"imap": {"secureConnAuthTypes": "all"}})).changes
    assert change.after == METHODS


def test_adding_and_removing() -> None:
    found = plan(
        state(),
        wish(
            services_add={"imap": {"secureConnAuthTypes": ["gssapi"], "logLevel": 16}},
            services_remove={
                "imap": {"secureConnAuthTypes": ["login"], "LOGLEVEL": [8], "plainConnAuthTypes": ["plain", "login"]}
            },
        ),
    )
    assert found.changes == (
        Change("imap", "secureConnAuthTypes", ("plain", "login"), ("plain", "gssapi")),
        Change("imap", "logLevel", "15", "23"),
        Change("imap", "plainConnAuthTypes", ("all",), ("cram-md5", "digest-md5", "gssapi")),
    )


def test_what_runs_but_is_not_saved_is_saved() -> None:
    drifted = state({"imap": {"logLevel": "7"}, "pop3": {"logLevel": "3"}})
    asked = {"imap": {"logLevel": 15}}
    found = plan(drifted, wish(services=asked))
    assert (found.changes, found.save, found.changed) == ((), True, True)
    assert found.in_file == (Change("imap", "logLevel", "7", "15"),)
    assert found.warnings == ("SAVE CONFIG also saves what somebody else left unsaved: pop3.logLevel",)
    assert unsaved(drifted) == ["imap.logLevel", "pop3.logLevel"]
    assert plan(drifted, wish(services=asked, save=False)) == Plan()
    assert plan(drifted, wish(services={"imap": {"allowStartTLS": True}})) == Plan()


def test_a_file_that_says_nothing_of_an_attribute() -> None:
    """Whether Axigen writes what has its default is not known: what cannot be compared is no drift."""
    short = State(Configured(RUNS, NAMES), Configured({"imap": {"logLevel": "15"}}))
    assert plan(short, wish(services={"imap": {"allowStartTLS": True}})) == Plan()
    assert unsaved(short) == []
    blind = State(Configured(RUNS, NAMES), None)
    assert unsaved(blind) is None
    found = plan(blind, wish(services={"imap": {"allowStartTLS": False}}))
    assert (found.save, found.in_file) == (True, ())


def test_without_saving() -> None:
    found = plan(state(), wish(services={"imap": {"allowStartTLS": False}}, save=False))
    assert (found.changed, found.save, found.in_file) == (True, False, ())


def test_a_stopped_axigen_will_run_with_its_file() -> None:
    stopped = State(None, Configured(RUNS, ("imap",)), {"imap": True, "pop3": False})
    found = plan(stopped, wish(services_add={"imap": {"secureConnAuthTypes": ["gssapi"]}}, running=["imap", "pop3"]))
    change = Change("imap", "secureConnAuthTypes", ("plain", "login"), ("plain", "login", "gssapi"))
    assert (found.changes, found.in_file, found.starts, found.save) == ((change,), (change,), ("pop3",), True)
    assert found.services == ("imap", "pop3")
    assert unsaved(stopped) == []


def test_an_axigen_that_is_not_there_yet() -> None:
    found = plan(
        State(None, None, {"imap": False}),
        wish(
            services={"imap": {"allowStartTLS": True}},
            services_remove={"pop3": {"secureConnAuthTypes": ["login"]}},
            running=["imap"],
            domain="example.test",
        ),
    )
    assert found == Plan((Change("imap", "allowStartTLS", UNKNOWN, "yes"),), ("imap",), True)
    assert plan(State(None, None), wish()) == Plan()
    assert unsaved(State(None, None)) is None


@pytest.mark.parametrize("domain", ["example.test", "EXAMPLE.TEST", None])
def test_a_domain_that_is_there(domain: str | None) -> None:
    assert plan(state(domains=("other.test", "Example.test")), wish(domain=domain)) == Plan()


def test_warnings() -> None:
    found = plan(
        state(started=("imap",), answering={"webmail": False}),
        wish(services={"pop3": {"logLevel": 15}, "imap": {"logLevel": 15}}, running=["webmail", "webmail"]),
    )
    assert found.starts == ("webmail",)
    assert [warning.partition(" for services")[0] for warning in found.warnings] == [
        "pop3: is set but does not run,",
        "webmail: runs only until Axigen is restarted,",
    ]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"services": {"log": {"x": 1}}}, "services.log: this Axigen shows no such service; "),
    (
        {"services": {"webmail": {"allowSPNEGO": True}}},
        "services.webmail.allowSPNEGO: this Axigen has no such attribute; take one of allowSPNEGOAuth",
    ),
    ({"services_add": {"imap": {"allowStartTLS": "yes"}}}, "services_add.imap.allowStartTLS: the attribute holds one"),
    ({"services_remove": {"imap": {"greetingsText": "x"}}}, "services_remove.imap.greetingsText: the attribute holds"),
    (
        {"services_remove": {"imap": {"secureConnAuthTypes": ["plain", "login"]}}},
        "services_remove.imap.secureConnAuthTypes: would leave no method of login; ",
    ),
    ({"domain": "none.test"}, "domain: this Axigen has no domain none.test (it has example.test, b.test); "),
]


@pytest.mark.parametrize(("options", "says"), REFUSED)
def test_what_the_server_cannot_fulfil(options: dict[str, Any], says: str) -> None:
    with pytest.raises(AxigenRefusal) as refusal:
        plan(state(domains=("example.test", "b.test")), wish(**options))
    assert str(refusal.value).startswith(says)
    assert "; " in str(refusal.value)
    assert "relayPassword" not in str(refusal.value)


def test_no_domain_at_all() -> None:
    with pytest.raises(AxigenRefusal, match=r"\(it has none\)"):
        plan(state(domains=()), wish(domain="x"))


SENSELESS: list[tuple[dict[str, Any], str]] = [
    ({"services": {"imap": {"a b": 1}}}, "services.imap.a b: is no name of an attribute; "),
    ({"services": {"imap": {"x\r\nCOMMIT": 1}}}, "services.imap.x\\x0d\\x0aCOMMIT: is no name"),
    ({"services": {"imap": {"x" * 65: 1}}}, f"services.imap.{'x' * 65}: is no name"),
    ({"services": {"imap": {"relayPassword": "canary"}}}, "services.imap.relayPassword: holds a password"),
    ({"services": {"imap": {"secureConnAuthTypes": []}}}, "services.imap.secureConnAuthTypes: would leave no method"),
    ({"services": {"imap": {"greetingsText": "a\nb"}}}, "services.imap.greetingsText: holds a control character"),
    ({"services_add": {"imap": {"secureConnAuthTypes": []}}}, "services_add.imap.secureConnAuthTypes: names nothing; "),
    (
        {"services": {"imap": {"logLevel": 1, "LogLevel": 2}}},
        "services.imap.LogLevel: is asked for in services.imap.logLevel as well; ",
    ),
    (
        {"services": {"imap": {"logLevel": 1}}, "services_add": {"imap": {"logLevel": 2}}},
        "services_add.imap.logLevel: is asked for in services.imap.logLevel as well; ",
    ),
    (
        {
            "services_add": {"imap": {"secureConnAuthTypes": ["gssapi", "plain"]}},
            "services_remove": {"imap": {"secureConnAuthTypes": ["GSSAPI"]}},
        },
        "services_remove.imap.secureConnAuthTypes: 'gssapi' is also in services_add.imap.secureConnAuthTypes; ",
    ),
]


@pytest.mark.parametrize(("options", "says"), SENSELESS)
def test_what_makes_no_sense(options: dict[str, Any], says: str) -> None:
    with pytest.raises(AxigenRefusal) as refusal:
        wish(**options)
    assert str(refusal.value).startswith(says)
    assert "; " in str(refusal.value)
    assert "canary" not in str(refusal.value)


def test_diff() -> None:
    found = plan(
        state(answering={"pop3": False}),
        wish(services={"imap": {"greetingsText": "good day", "allowStartTLS": False}}, running=["pop3"]),
    )
    running, file = diff(found, "127.0.0.1:7000", "/x/axigen.cfg")
    assert running == {
        "before_header": "Axigen at 127.0.0.1:7000",
        "after_header": "Axigen at 127.0.0.1:7000",
        "before": "imap: greetingsText = hi\nimap: allowStartTLS = yes\npop3: started = no\n",
        "after": 'imap: greetingsText = "good day"\nimap: allowStartTLS = no\npop3: started = yes\n',
    }
    assert file["before_header"] == "/x/axigen.cfg"
    assert file["after"] == 'imap: greetingsText = "good day"\nimap: allowStartTLS = no\n'
    assert diff(Plan(), "x", "y") == []


def test_starting_is_a_change_that_is_saved_if_asked() -> None:
    for saving in (True, False):
        found = plan(state(answering={"pop3": False}), wish(running=["pop3", "imap"], save=saving))
        assert (found.starts, found.changed, found.save) == (("pop3", "imap"), True, saving)
        blind = plan(State(None, None, {"pop3": False}), wish(running=["pop3"], save=saving))
        assert (blind.starts, blind.changed, blind.save) == (("pop3",), True, saving)
        asked = plan(State(None, None), wish(services={"imap": {"logLevel": 1}}, save=saving))
        assert (asked.changed, asked.save) == (True, saving)


def test_sets_that_are_not_known_here() -> None:
    there = State(Configured({"imap": {"newSet": ("a", "b")}}), None)
    (change,) = plan(there, wish(services_add={"imap": {"newset": ["c"]}})).changes
    assert change == Change("imap", "newSet", ("a", "b"), ("a", "b", "c"))
    (change,) = plan(there, wish(services_remove={"imap": {"newSet": ["A", "b"]}})).changes
    assert (change.after, change.command) == ((), "SET newSet ()")
    (change,) = plan(there, wish(services={"imap": {"newSet": []}})).changes
    assert change.after == ()


def test_what_is_said_of_services_that_do_not_run() -> None:
    found = plan(
        state(started=("imap",), answering={"pop3": True}),
        wish(services={"pop3": {"logLevel": 15}, "webmail": {"allowSPNEGOAuth": False}}, running=["pop3"]),
    )
    assert [warning.partition(":")[0] for warning in found.warnings] == ["webmail", "pop3"]
    stopped = State(None, Configured(RUNS, ("imap",)), {})
    (warning,) = plan(stopped, wish(services={"pop3": {"logLevel": 15}})).warnings
    assert warning.startswith("pop3: is set but does not run")
    untold = State(Configured(RUNS, None), None)
    assert plan(untold, wish(services={"pop3": {"logLevel": 15}})).warnings == ()


def test_several_others_are_listed() -> None:
    drifted = state({"imap": {"logLevel": "7", "allowStartTLS": "no"}, "pop3": {"logLevel": "3"}})
    (warning,) = plan(drifted, wish(services={"webmail": {"allowSPNEGOAuth": True}})).warnings
    assert warning.endswith(": imap.allowStartTLS, imap.logLevel, pop3.logLevel")


def test_known_attributes_are_listed() -> None:
    with pytest.raises(AxigenRefusal, match=r"; take one of logLevel, secureConnAuthTypes$"):
        plan(state(), wish(services={"pop3": {"x": 1}}))
    with pytest.raises(AxigenRefusal, match=r"; take one of none$"):
        plan(State(Configured({"pop3": {}}), None), wish(services={"pop3": {"x": 1}}))


def test_twice_in_one_option_is_refused() -> None:
    with pytest.raises(AxigenRefusal, match=r"services_add\.imap\.LOGLEVEL: is asked for in services_add"):
        wish(services_add={"imap": {"logLevel": 1, "LOGLEVEL": 2}})
