# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on a host for each product: the units, the files that they read at their start alone, and their libraries.

Names of units are those of the distributions; the first of a row that is there and has processes is the one meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Iterable, List, Mapping, Tuple

# The libraries of a login: what runs with those of an older package misses their repairs, or meets new plugins.
_LIBRARY = re.compile(
    r"(?P<path>/\S*/(?P<name>lib(?:krb5|k5crypto|krb5support|gssapi\w*|gssrpc|kdb5|kadm5\w*|sasl2|jvm|crypto)[\w.-]*\.so)"
    r"(?:\.\S+)?) \(deleted\)$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class ServiceUnit:
    """``names``: what systemd calls it, of which one is there. ``reads``: files that it reads at its start alone.

    ``told_elsewhere``: whether another section says that it has stopped.
    """

    product: str
    names: Tuple[str, ...]
    reads: Tuple[str, ...] = ()
    told_elsewhere: bool = False


_KDC_CONF = ("/etc/krb5kdc/kdc.conf", "/var/kerberos/krb5kdc/kdc.conf", "/var/lib/kerberos/krb5kdc/kdc.conf")
_KDC_ACL = tuple(path.replace("kdc.conf", "kadm5.acl") for path in _KDC_CONF)
_KDC = ("krb5-kdc", "krb5kdc")
UNITS = (
    ServiceUnit("kdc", _KDC, _KDC_CONF, told_elsewhere=True),
    ServiceUnit("kdc", ("krb5-admin-server", "kadmin", "kadmind"), (*_KDC_CONF, *_KDC_ACL), told_elsewhere=True),
    ServiceUnit("kdc_replica", _KDC, _KDC_CONF, told_elsewhere=True),
    ServiceUnit("kdc_replica", ("krb5-kpropd", "kprop", "kpropd"), (), told_elsewhere=True),
    # Debian 12's postfix.service has no processes: the server is the instance.
    ServiceUnit("postfix", ("postfix@-", "postfix"), (), told_elsewhere=True),
    ServiceUnit("axigen", ("axigen",)),
    ServiceUnit("zimbra", ("zimbra",)),
)
_VARIABLES = {"axigen": "axigen_unit", "cas": "cas_unit", "zimbra": "zimbra_unit"}


def units_of(products: Iterable[str], settings: Mapping[str, Mapping[str, Any]]) -> List[ServiceUnit]:
    """The units of those products; a product's settings may name its own: ``unit``, and for CAS what it reads."""
    wanted = set(products)
    found = [_named(one, settings.get(one.product) or {}) for one in UNITS if one.product in wanted]
    return [*found, *(_cas(settings["cas"]) for dummy in wanted & {"cas"} if settings.get("cas"))]


def _named(unit: ServiceUnit, settings: Mapping[str, Any]) -> ServiceUnit:
    name = settings.get("unit")
    return unit if not isinstance(name, str) or not name else ServiceUnit(unit.product, (name,), unit.reads)


def _cas(settings: Mapping[str, Any]) -> ServiceUnit:
    """Its JVM reads each of its files once, as the role has it in `cas_read_once`."""
    reads = (settings["krb5_conf"], settings["properties"], settings["wishes"]["login_conf"], settings["server_xml"])
    return ServiceUnit("cas", (settings["unit"],), tuple(path for path in reads if path))


def variable_of(product: str) -> str:
    """The role's variable that names the unit; empty where it has none."""
    return _VARIABLES.get(product, "")


def replaced_libraries(maps: str) -> List[str]:
    """The libraries of logins that a process has loaded and whose files are not there any more (/proc/PID/maps)."""
    return sorted({match["path"] for match in _LIBRARY.finditer(maps)})
