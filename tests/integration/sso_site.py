# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A realm with principals, a certificate and a folder for services: where logins are tried. Needs root."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import shutil
import tempfile
from typing import Any, Iterator

import pytest
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.credentials import Credentials
from ansible_collections.mailrealm.kerberos.plugins.module_utils._domain.proof import Proof, Service
from ansible_collections.mailrealm.kerberos.plugins.module_utils._system.sso_login import log_in_to_all
from ansible_collections.mailrealm.kerberos.tests.integration import mail_servers, realm

ENCTYPE = "aes256-cts-hmac-sha1-96"
PASSWORD = "alice's password"
ME = Credentials("alice", password=PASSWORD)
PRINCIPALS = ("smtp/localhost", "imap/localhost", "pop/localhost", "HTTP/localhost", "smtp/mail.example.test")


@dataclasses.dataclass(frozen=True)
class Site:
    """A realm, a certificate for `localhost`, and a folder that services may enter."""

    folder: pathlib.Path
    realm: realm.Realm
    certificate: mail_servers.Certificate

    def keytab(self, name: str, group: str, *principals: str, mode: int = 0o640) -> pathlib.Path:
        return mail_servers.readable_keytab(self.realm, self.folder / name, group, *principals, mode=mode)

    def new_folder(self) -> pathlib.Path:
        made = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        made.chmod(0o755)
        return made

    def service(self, protocol: str, port: int, tls: str, **options: Any) -> Service:
        given = {"ca_path": str(self.certificate.certificate), "timeout": 15.0, **options}
        return Service(protocol, given.pop("host", "localhost"), port, tls, **given)


@contextlib.contextmanager
def running_site() -> Iterator[Site]:
    assert os.geteuid() == 0, "Postfix and Dovecot need root: run this in the lab's toolbox"
    # pytest's own folders are closed to the users that servers run as.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="test-sso-"))
    folder.chmod(0o755)
    try:
        libdefaults = ('qualify_shortname = ""',)
        with realm.running_realm(folder / "realm", "EXAMPLE.TEST", libdefaults=libdefaults) as running:
            running.kadmin_local(
                f'addprinc -pw "{PASSWORD}" +requires_preauth alice',
                "addprinc -randkey probe",
                f"ktadd -norandkey -k {folder}/probe.keytab probe",
                *(f"addprinc -randkey {principal}" for principal in PRINCIPALS),
            )
            with pytest.MonkeyPatch.context() as patch:
                for name, value in running.variables.items():
                    patch.setenv(name, value)
                yield Site(folder, running, mail_servers.self_signed(folder, "localhost"))
    finally:
        shutil.rmtree(folder)


def only(service: Service, credentials: Credentials = ME) -> Proof:
    (proof,) = log_in_to_all([service], credentials)
    return proof


def assert_logged_in(proof: Proof, service_principal: str) -> None:
    assert proof.ok, proof
    assert proof.user == proof.authenticated_as == "alice@EXAMPLE.TEST"
    assert proof.service_principal == f"{service_principal}@EXAMPLE.TEST"
    assert (proof.kvno, proof.enctype) == (1, ENCTYPE)
    assert (proof.symptom, proof.cause, proof.remedy) == ("", "", "")
