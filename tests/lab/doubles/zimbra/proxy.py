# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proxy: nginx's generated files, and Dovecot in nginx's place on the ports 143, 993, 110 and 995.

What zmconfigd (or zmproxyctl) has written into conf/nginx is what the next start offers. The keytab is read at each
login, at the path that krb5_keytab had at the start. Kerberos is the bundled Heimdal 1.5.3's: see krb5_conf.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
import re
import time
from typing import Mapping

from . import dovecot, installation, journal, keytabs, krb5_conf, processes
from .installation import Installation, is_true, one

PROTOCOLS = {"imap": "zimbraReverseProxyImap", "pop3": "zimbraReverseProxyPop3"}
LINGERS = "proxy_lingers"  # in double.json: seconds that the proxy needs for its end, as with sessions that go on
SUCCESS = "# __SUCCESS__\n"
# The bundled Heimdal's words for what MIT's library says of credentials that it cannot have, or of a ticket.
UNDECRYPTED = re.compile(r"enctype (\S+) found in keytab but cannot decrypt|[Ee]ncryption type (\S+) not permitted")
NO_CREDENTIALS = (
    "GSSAPI Error:  No credentials were supplied, or the credentials were unavailable or inaccessible. "
    "(unknown mech-code 0 for mech unknown)"
)
HEIMDAL = (
    (re.compile(r"ticket server (\S+) not found in keytab"), "Failed to find {0} in keytab"),
    (re.compile(r"[Ii]mproper format of Kerberos configuration"), "Improper format of Kerberos configuration file"),
    (re.compile(r"[Cc]lock skew"), "Clock skew too great"),
    (re.compile(r"[Tt]icket expired"), "Ticket expired"),
)


def heimdal_words(line: str) -> str:
    """The sentence of the bundled Heimdal for a line of the real server's; empty where it tells no reason."""
    match = UNDECRYPTED.search(line)
    if match:
        number = next(iter(keytabs.ENCTYPES.get(match[1] or match[2], (0,))))
        known = number in keytabs.HEIMDAL
        reason = "Decrypt integrity check failed" if known else f"encryption type {number} not supported"
        return f"GSSAPI Error: Miscellaneous failure (see text) ({reason})"
    for pattern, words in HEIMDAL:
        match = pattern.search(line)
        if match:
            return f"GSSAPI Error: Miscellaneous failure (see text) ({words.format(*match.groups())})"
    return NO_CREDENTIALS if "No credentials were supplied" in line else ""


def files(server: Mapping[str, list[str]], handlers: list[str]) -> dict[str, str]:
    """nginx's files below conf, as the product names them, and the double's own form of what they say."""
    values = dict(server)
    offers = {
        protocol: {
            "gssapi": is_true(values, f"{prefix}SaslGssapiEnabled"),
            "plain": one(values, f"{prefix}SaslPlainEnabled", "TRUE") == "TRUE",
        }
        for protocol, prefix in PROTOCOLS.items()
    }
    methods = {
        protocol: " ".join(name for name in ("plain", "gssapi") if told[name]) for protocol, told in offers.items()
    }
    default = one(values, "zimbraReverseProxyDefaultRealm")
    told = {"default_realm": default, "handlers": handlers, **offers}
    realm = f"    default_realm {default};\n" if default else ""
    mail = f"mail\n{{\n{realm}    imap_auth {methods['imap']};\n    pop3_auth {methods['pop3']};\n}}\n"
    lookups = "".join(f"zm_lookup_handlers {host}:7072/service/extension/nginx-lookup;\n" for host in handlers)
    return {
        "nginx/includes/nginx.conf.mail": mail,
        "nginx/includes/nginx.conf.zmlookup": lookups,
        "nginx/double.json": json.dumps(told, indent=1) + "\n",
        "nginx.conf": f"include {installation.HOME}/conf/nginx/includes/nginx.conf.mail;\n{SUCCESS}",
    }


def rewrite(place: Installation) -> list[pathlib.Path]:
    """Generate nginx's files from the directory; their paths."""
    written = []
    for name, text in files(place.server(), place.mailstores()).items():
        path = place.home / "conf" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def complete(place: Installation) -> bool:
    """Whether nginx.conf was generated to its end: zmproxyctl starts nothing otherwise."""
    path = place.home / "conf" / "nginx.conf"
    return path.exists() and path.read_text(encoding="utf-8").endswith(SUCCESS)


class Proxy:
    """The running nginx of an installation."""

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.run = place.work("proxy")
        self.run.mkdir(parents=True, exist_ok=True)
        told = json.loads((place.home / "conf" / "nginx" / "double.json").read_text(encoding="utf-8"))
        self.told = {**told, "local_realm": krb5_conf.libdefault(place.krb5_conf, "default_realm")}
        (self.run / "applied.json").write_text(json.dumps(self.told), encoding="utf-8")
        self.keytab = place.local("krb5_keytab")
        self.log = place.home / "log" / "nginx.log"
        self.children = processes.Children()

    def settings(self, protocol: str) -> dovecot.Settings:
        view = krb5_conf.view(self.run, self.place.krb5_conf, heimdal=True)
        return dovecot.Settings(
            name=f"zimbra-proxy-{protocol}",
            run=self.run / protocol,
            protocol=protocol,
            ports=installation.PROXY_PORTS[protocol],
            gssapi=self.told[protocol]["gssapi"],
            plain=self.told[protocol]["plain"],
            gssapi_hostname="$ALL",
            keytab=self.keytab,
            passdb=f"{self.place.home}/libexec/zmpassdb proxy",
            masters="",
            mail=self.run / "mail",
            certificate=self.place.home / "conf" / "nginx.crt",
            key=self.place.home / "conf" / "nginx.key",
            variables={"KRB5_CONFIG": view, "KRB5_KTNAME": self.keytab},
        )

    def heard(self, protocol: str, line: str) -> None:
        with (self.run / f"{protocol}.log").open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
        words = heimdal_words(line) if "gssapi(" in line else ""
        if words:
            journal.nginx(self.log, os.getpid(), words)

    def serve(self) -> None:
        """Run until SIGTERM."""
        processes.on_end(self.end)
        for protocol in PROTOCOLS:
            settings = self.settings(protocol)
            command = dovecot.write(settings)
            self.children.start(command, settings.variables, functools.partial(self.heard, protocol))
        self.place.pid_file("nginx").write_text(f"{os.getpid()}\n", encoding="ascii")
        self.children.last()
        self.children.end()

    def end(self) -> None:
        time.sleep(float(self.place.told(LINGERS, 0)))
        self.children.end()


def main() -> None:
    """What zimbra's sudo rules let it start as root; nginx's workers then are zimbra's."""
    processes.go_on_as_zimbra("proxy", "serve")


def serve() -> int:
    Proxy(Installation()).serve()
    return 0
