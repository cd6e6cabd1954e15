# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is to be, as `doctor_info` is told: names, realm, keytabs, services, and each product's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Tuple


@dataclass(frozen=True)
class AskedKeytab:
    """A keytab and who must be able to read it: ``user`` within ``chroot`` (empty for none), by the libraries that
    read ``krb5_conf``. ``principals``: those that it is to hold."""

    path: str
    user: str
    product: str
    principals: Tuple[str, ...] = ()
    chroot: str = ""
    krb5_conf: str = "/etc/krb5.conf"


@dataclass(frozen=True)
class AskedService:
    """A service of this host. ``protocol``: smtp, imap, pop3 or http; ``tls``: none, starttls or implicit."""

    protocol: str
    host: str
    port: int
    tls: str
    product: str
    path: str = "/"


@dataclass(frozen=True)
class Asked:
    """All that is asked of one host. ``products``: kdc, kdc_replica, postfix, axigen, zimbra, cas, workstation, prober.

    ``settings``: by product, what its checks must know of the role's variables. ``since``: seconds of logs to read.
    """

    host: str
    realm: str
    domain: str
    aliases: Tuple[str, ...] = ()
    kdcs: Tuple[str, ...] = ()
    krb5_conf: str = "/etc/krb5.conf"
    enctypes: Tuple[str, ...] = ()
    keytabs: Tuple[AskedKeytab, ...] = ()
    services: Tuple[AskedService, ...] = ()
    products: Tuple[str, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    since: float = 3600.0


def asked_from(options: Mapping[str, Any]) -> Asked:
    """What the options of `doctor_info` ask, which Ansible has checked for type and presence."""
    return Asked(
        host=options["host"],
        realm=options["realm"],
        domain=options["domain"],
        aliases=tuple(options["aliases"]),
        kdcs=tuple(options["kdcs"]),
        krb5_conf=options["krb5_conf"],
        enctypes=tuple(options["enctypes"]),
        keytabs=tuple(
            AskedKeytab(**{**one, "principals": tuple(one["principals"]), "chroot": one["chroot"] or ""})
            for one in options["keytabs"]
        ),
        services=tuple(AskedService(**one) for one in options["services"]),
        products=tuple(options["products"]),
        settings=_settings(options),
        since=float(options["since"]),
    )


def _settings(options: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """The settings; the directory's with its credentials, which are an option of their own for Ansible to hide."""
    given = {name: value for name, value in (options["directory_credentials"] or {}).items() if value is not None}
    directory = options["settings"].get("directory")
    return {
        **options["settings"],
        **({"directory": {**directory, "credentials": given}} if directory and given else {}),
    }
