# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cas_log_info on what a real JDK says: each trouble of CAS's document, injected into a login of CAS's kind.

TicketLogger.java does what CAS's layer does: the JDK's login by login.conf, then the client's token, and it writes what
goes wrong as CAS's log has it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Iterator

import pytest
from ansible_collections.mailrealm.kerberos.tests.integration import forked_module
from ansible_collections.mailrealm.kerberos.tests.integration.bad_input import FAST
from ansible_collections.mailrealm.kerberos.tests.integration.ladder import climb
from ansible_collections.mailrealm.kerberos.tests.integration.realm import Realm, running_realm
from ansible_collections.mailrealm.kerberos.tests.integration.returned import check_returned

HERE = pathlib.Path(__file__).resolve().parent
REALM = "REALM.TEST"
SERVICE = f"HTTP/cas1.realm.test@{REALM}"
OTHER = f"HTTP/other.realm.test@{REALM}"
ENTRY = "jcifs.spnego.accept"
NOBODY = 65534
NTLM = (b"NTLMSSP\0\1\0\0\0\x07\x82\x08\xa2" + bytes(24)).hex()


@dataclasses.dataclass
class Site:
    """A realm with a service whose key is newer than its old keytab, and a client with a ticket for it."""

    realm: Realm
    folder: pathlib.Path

    def keytab(self, name: str, *exported: str) -> pathlib.Path:
        path = self.folder / f"{name}.keytab"
        self.realm.kadmin_local(f"ktadd -norandkey -k {path} {' '.join(exported)}")
        assert path.exists()
        return path

    def token(self) -> str:
        return self.realm.run(
            sys.executable, str(HERE / "gss_party.py"), "libgssapi_krb5.so.2", "initiate", SERVICE
        ).strip()

    def conf(self, *relations: str, kdc: bool = True) -> str:
        text = self.realm.krb5_conf.read_text()
        text = text.replace("    rdns", "".join(f"    {one}\n" for one in relations) + "    rdns")
        return text if kdc else text.replace(f"kdc = 127.0.0.1:{self.realm.kdc_port}", "kdc = 127.0.0.1:1")

    def login_conf(self, keytab: object, more: str = "isInitiator=false", entry: str = ENTRY) -> str:
        options = f'useKeyTab=true storeKey=true doNotPrompt=true principal="{SERVICE}" keyTab="{keytab}" {more}'
        return f"{entry} {{\n    com.sun.security.auth.module.Krb5LoginModule required {options};\n}};\n"

    def accept(self, login_conf: str | None, conf: str = "", token: str = "", user: int = 0, mode: int = 0o644) -> str:
        """What the acceptor writes."""
        (self.folder / "krb5.conf").write_text(conf or self.conf())
        place = self.folder / "login.conf"
        place.unlink(missing_ok=True)
        if login_conf is not None:
            place.write_text(login_conf)
            place.chmod(mode)
        properties = {
            "java.security.krb5.conf": self.folder / "krb5.conf",
            "java.security.auth.login.config": place,
            "sun.security.krb5.rcache": "none",
        }
        words = [f"-D{name}={value}" for name, value in properties.items()]
        words += ["-XX:TieredStopAtLevel=1", "-cp", str(self.folder), "TicketLogger", "accept", ENTRY]
        as_user = ["setpriv", f"--reuid={user}", "--clear-groups"] if user else []
        done = subprocess.run(
            [*as_user, "java", *words, token or self.token()], cwd="/", capture_output=True, text=True, check=True
        )
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # another user than root's reads it as well
        source = str(HERE / "TicketLogger.java")
        subprocess.run(["javac", "--release", "8", "-Xlint:-options", "-d", str(folder), source], check=True)
        (folder / "realm").mkdir()
        realm = stack.enter_context(running_realm(folder / "realm", REALM))
        made = Site(realm, folder)
        realm.kadmin_local("addprinc -pw alices alice", f"addprinc -randkey {SERVICE}", f"addprinc -randkey {OTHER}")
        made.keytab("old", SERVICE)
        realm.kadmin_local(f"cpw -randkey {SERVICE}")
        made.keytab("cas", SERVICE)
        made.keytab("other", OTHER)
        aes128 = made.keytab("aes128", SERVICE)
        realm.run("ktutil", text=f"rkt {aes128}\ndelent 1\nwkt {aes128}.1\n")
        realm.run("kinit", "alice", text="alices\n")
        yield made


def told(log: str, folder: pathlib.Path) -> dict[str, dict[str, str]]:
    """The symptoms that the module finds in a log."""
    path = folder / "cas.log"
    path.write_text(log)
    outcome = forked_module.run("cas_log_info", {"unit": "", "files": [str(path)]}, folder)
    assert outcome.result, outcome.output
    check_returned("mailrealm.kerberos.cas_log_info", outcome.result)
    return {one["symptom"]: one for one in outcome.result["symptoms"]}


def test_a_good_login_tells_nothing(site: Site, tmp_path: pathlib.Path) -> None:
    said = site.accept(site.login_conf(site.folder / "cas.keytab"))
    assert said == f"ok alice@{REALM}\n"
    assert told(said, tmp_path) == {}


def test_a_key_that_is_not_found(site: Site, tmp_path: pathlib.Path) -> None:
    """All the same to the JDK: no keytab, one that may not be read, none of the service, none of the ticket's type."""
    cases = {
        "no keytab": (site.folder / "none.keytab", 0),
        "not readable": (site.folder / "cas.keytab", NOBODY),
        "another's": (site.folder / "other.keytab", 0),
        "no such type": (site.folder / "aes128.keytab.1", 0),
    }
    for name, (keytab, user) in cases.items():
        found = told(site.accept(site.login_conf(keytab), user=user), tmp_path)
        assert list(found) == ["service_key_missing"], name
        assert "Cannot find key of appropriate type to decrypt AP-REQ - AES256" in found["service_key_missing"]["line"]
        for word in ("path", "kvno", "type", "service principal"):
            assert word in found["service_key_missing"]["cause"], name


def test_a_key_that_was_replaced(site: Site, tmp_path: pathlib.Path) -> None:
    found = told(site.accept(site.login_conf(site.folder / "old.keytab")), tmp_path)
    assert list(found) == ["service_key_differs"]
    assert "Checksum failed" in found["service_key_differs"]["line"]
    assert "ktpass" in found["service_key_differs"]["cause"]


def test_a_type_that_is_not_permitted(site: Site, tmp_path: pathlib.Path) -> None:
    conf = site.conf("permitted_enctypes = aes128-cts-hmac-sha1-96")
    assert list(told(site.accept(site.login_conf(site.folder / "cas.keytab"), conf), tmp_path)) == [
        "service_enctype_unusable"
    ]


def test_clocks_that_differ(site: Site, tmp_path: pathlib.Path) -> None:
    token = site.token()
    time.sleep(2.5)  # more than the skew that is allowed below: as if the client's clock were behind
    said = site.accept(site.login_conf(site.folder / "cas.keytab"), site.conf("clockskew = 1"), token)
    assert list(told(said, tmp_path)) == ["clock_skew"]


@pytest.mark.parametrize("token", [NTLM, "616263"], ids=["ntlm", "garbage"])
def test_what_is_no_ticket(token: str, site: Site, tmp_path: pathlib.Path) -> None:
    assert list(told(site.accept(site.login_conf(site.folder / "cas.keytab"), token=token), tmp_path)) == [
        "token_defective"
    ]


def test_login_conf(site: Site, tmp_path: pathlib.Path) -> None:
    good = site.login_conf(site.folder / "cas.keytab")
    cases: dict[str, tuple[str | None, str]] = {
        "document's backslash": (good.replace(" storeKey", " \\\n    storeKey"), "login_conf_malformed"),
        "no file": (None, "login_conf_unreadable"),
        "no entry": (good.replace(ENTRY, "elsewhere"), "login_entry_missing"),
        "an entry of nothing": (f"{ENTRY} {{ }};\n", "login_entry_missing"),
    }
    for name, (text, symptom) in cases.items():
        assert list(told(site.accept(text), tmp_path)) == [symptom], name
    assert ENTRY in told(site.accept(""), tmp_path)["login_entry_missing"]["cause"]
    assert list(told(site.accept(good, user=NOBODY, mode=0o600), tmp_path)) == ["login_conf_unreadable"]


def test_an_initiator_needs_the_kdc(site: Site, tmp_path: pathlib.Path) -> None:
    """As in the document's sample, which has no isInitiator=false."""
    initiator = site.login_conf(site.folder / "cas.keytab", more="")
    assert list(told(site.accept(initiator, site.conf(kdc=False)), tmp_path)) == ["kdc_unreachable"]
    unknown = initiator.replace("cas1.realm.test", "nobody.realm.test")
    assert list(told(site.accept(unknown), tmp_path)) == ["keytab_unusable"]


def test_the_ladder_and_no_log(site: Site, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "cas.log"
    log.write_text(site.accept(site.login_conf(site.folder / "old.keytab")) * 2)
    task = {"mailrealm.kerberos.cas_log_info": {"files": [str(log), str(tmp_path / "none.log")]}}
    steps = climb([task], tmp_path, watch=[log], environment_more=FAST)
    assert steps.changed == (False, False, False, False)
    found = steps.run.only.data
    assert [(one["symptom"], one["count"]) for one in found["symptoms"]] == [("service_key_differs", 2)]
    assert str(tmp_path / "none.log") in found["missing"] and not found["truncated"]
