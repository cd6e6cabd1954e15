# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What CAS is asked for on one host, so that browsers sign on by SPNEGO.

Properties as `cas_properties` takes them, entries of login.conf as `jaas_config` does, loggers as `log4j2_loggers`
does. Steps as in CAS's document on SPNEGO, names as in the published metadata of each line. What CAS would take from
its own example (a KDC at 172.10.1.10, the static user `casuser`, NTLM) is written out, so that it holds nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from . import cas_clients
from .cas_property_names import name_of
from .cas_release import FLAT, CasRefusal, Line, line_of
from .principal import PrincipalRefusal, parse_principal

SPNEGO = "cas.authn.spnego."
LOGIN_MODULE = "com.sun.security.auth.module.Krb5LoginModule"
# CAS asks for the first two by name; the JDK itself reads the third, where no subject is logged in.
ENTRIES = ("jcifs.spnego.initiate", "jcifs.spnego.accept", "com.sun.security.jgss.krb5.accept")
BROWSERS = ("MSIE", "Trident", "Firefox", "AppleWebKit")
# Of `org.apereo.cas.web.flow` what SPNEGO has there: CAS's own log4j2.xml has a logger of that name, which must stay
# as it is once these are taken out again.
LOGGERS = (
    "jcifs.spnego",
    "org.apereo.cas.support.spnego",
    "org.apereo.cas.web.flow.SpnegoCredentialsAction",
    "org.apereo.cas.web.flow.SpnegoNegotiateCredentialsAction",
    "org.apereo.cas.web.flow.client",
)
# Windows limits a ticket to 48,000 bytes (MaxTokenSize), which Base64 makes 64,000.
LEAST_HEADER = 65536
MOST_PROPERTIES = 16  # properties[n] above ours that are looked for, to be removed
_OPTION = re.compile(r"\((?=(war|version|java_home|unit|overlay)\))")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[?[0-9A-Fa-f:]+\]?")


@dataclass(frozen=True)
class Wishes:
    """What the role's variables ask for on one host.

    ``login_conf``: empty where it is not managed, and the JDK finds the keytab by `default_keytab_name`. ``krb5_conf``:
    empty for the system's. ``header_size``: bytes. ``embedded``: whether CAS brings its Tomcat. ``log4j2``: empty where
    the file is not managed. ``mixed_mode``: None for what the strategy of ``clients`` needs.
    """

    principals: Sequence[str]
    realm: str
    keytab: str
    login_conf: str = ""
    krb5_conf: str = ""
    kdc: str = ""
    kdc_realm: str = ""
    clients: Mapping[str, Any] = field(default_factory=dict)
    mixed_mode: Optional[bool] = None
    ntlm: bool = False
    static_users: bool = False
    header_size: int = LEAST_HEADER
    embedded: bool = True
    log4j2: str = ""
    supported_browsers: Sequence[str] = ()
    principal_with_domain: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)


def wanted(wishes: Wishes, found: Mapping[str, Any]) -> Dict[str, Any]:
    """What each module is to bring about for the CAS that `cas_info` found.

    `properties` and `absent` for `cas_properties`, `entries` for `jaas_config`, `loggers` for `log4j2_loggers`, and
    `warnings`, sentences. CasRefusal where the wishes make no sense together or for this line of CAS.
    """
    version = found.get("version") or ""
    if not version:
        raise CasRefusal(
            "cas_version: is not set, and the version of CAS is neither in cas_war nor in cas_overlay; set it, for it "
            "decides how the properties are named"
        )
    line = line_of(version)
    _expect_principals(wishes, line)
    own = {**_spnego(wishes, line), **_beyond(wishes, line)}
    return {
        "properties": {**own, **_further(wishes.properties, own)},
        "absent": [*_unset(wishes, line), *_other_indices(wishes, line)],
        "entries": _entries(wishes),
        "loggers": [{"name": name, "level": "debug", "additivity": False} for name in LOGGERS],
        "warnings": list(cas_clients.warnings(wishes.clients)),
    }


def _spnego(wishes: Wishes, line: Line) -> Dict[str, Any]:
    """Everything below `cas.authn.spnego.`."""
    kdc, kdc_realm = _kdc(wishes)
    common = {
        "principal-with-domain-name": wishes.principal_with_domain,
        "ntlm-allowed": wishes.ntlm,
        "send401-on-authentication-failure": True,
        "supported-browsers": ",".join(wishes.supported_browsers or BROWSERS),
        **cas_clients.client_keys(wishes.clients, wishes.mixed_mode),
    }
    system = {
        "kerberos-kdc": kdc,
        "kerberos-realm": kdc_realm,
        "use-subject-creds-only": bool(wishes.login_conf),
        **({"login-conf": _place(wishes.login_conf, line)} if wishes.login_conf else {}),
        **({"kerberos-conf": _place(wishes.krb5_conf, line)} if wishes.krb5_conf else {}),
    }
    found = {f"{SPNEGO}{name}": value for name, value in common.items()}
    found.update({_system(name, line): value for name, value in system.items()})
    found.update({_indexed(number, line): name for number, name in enumerate(wishes.principals)})
    return found


def _beyond(wishes: Wishes, line: Line) -> Dict[str, Any]:
    """The properties of CAS that the document touches beside SPNEGO."""
    found: Dict[str, Any] = {}
    if not wishes.static_users:
        found["cas.authn.accept.users"] = ""
        found.update({line.accept_key: False} if line.accept_key else {})
    if wishes.embedded:
        found[line.header_key] = _header_size(wishes.header_size)
    if wishes.log4j2:
        found["logging.config"] = f"file:{wishes.log4j2}"
    return found


def _unset(wishes: Wishes, line: Line) -> List[str]:
    """What must stand nowhere, for it would name another file."""
    names = [("login-conf", wishes.login_conf), ("kerberos-conf", wishes.krb5_conf)]
    return [_system(name, line) for name, value in names if not value]


def _other_indices(wishes: Wishes, line: Line) -> List[str]:
    """Service principals from before, which CAS would try in vain; those of the site's own properties stay."""
    if line.dialect == FLAT:
        return []
    kept = {found.group(1) for key in wishes.properties for found in re.finditer(r"spnego\.properties\[(\d+)\]", key)}
    numbers = range(len(wishes.principals), MOST_PROPERTIES)
    return [f"{SPNEGO}properties[{number}].*" for number in numbers if str(number) not in kept]


def _system(name: str, line: Line) -> str:
    return f"{SPNEGO}{name}" if line.dialect == FLAT else f"{SPNEGO}system.{name}"


def _indexed(number: int, line: Line) -> str:
    below = "" if line.dialect == FLAT else f"properties[{number}]."
    return f"{SPNEGO}{below}jcifs-service-principal"


def _place(path: str, line: Line) -> str:
    return f"file:{path}" if line.conf_is_url else path


def _entries(wishes: Wishes) -> List[Dict[str, Any]]:
    """The entries of login.conf: the keys of the keytab, without a ticket of the service's own."""
    if not wishes.login_conf:
        return []
    options = {
        "useKeyTab": True,
        "keyTab": wishes.keytab,
        "storeKey": True,
        "isInitiator": False,
        "doNotPrompt": True,
        # `*` takes tickets for every principal of the keytab (Krb5LoginModule, where isInitiator is false)
        "principal": wishes.principals[0] if len(wishes.principals) == 1 else "*",
    }
    module = {"class": LOGIN_MODULE, "flag": "required", "options": options}
    return [{"name": name, "modules": [module]} for name in ENTRIES]


def _expect_principals(wishes: Wishes, line: Line) -> None:
    if not wishes.principals:
        raise CasRefusal("cas_hostname: no service principal comes of it; see that the group cas has this host")
    realms = []
    for name in wishes.principals:
        try:
            parse_principal(name)
        except PrincipalRefusal as refusal:
            raise CasRefusal(f"cas_further_principals: {refusal}") from refusal
        service, dummy, realm = name.partition("@")
        if not service.startswith("HTTP/") or not realm:
            raise CasRefusal(
                f"cas_further_principals: '{name}' is no principal that browsers ask for; write it like "
                f"HTTP/cas.example.test@{wishes.realm}"
            )
        realms.append(realm)
    others = [realm for realm in dict.fromkeys(realms) if realm != wishes.realm]
    if len(wishes.principals) > 1 and line.dialect == FLAT:
        raise CasRefusal(
            f"cas_aliases: CAS {line.name} takes tickets for one service principal, and there would be "
            f"{', '.join(wishes.principals)}; let kerberos_hostname be the name that browsers use and leave the others "
            "out, or take CAS 6 or later"
        )
    if others and not wishes.principal_with_domain:
        raise CasRefusal(
            f"cas_principal_with_domain: is false with tickets of {wishes.realm} and {others[0]}, so that the same "
            "name in both would be one user; set it to true"
        )


def _kdc(wishes: Wishes) -> Tuple[str, str]:
    """KDC and realm for the JDK, both or none; with either of them it reads neither from krb5.conf."""
    if bool(wishes.kdc) != bool(wishes.kdc_realm):
        there, lacks = ("cas_kdc", "cas_kdc_realm") if wishes.kdc else ("cas_kdc_realm", "cas_kdc")
        raise CasRefusal(f"{there}: is set without {lacks}, and the JDK takes both or neither; set both, or none")
    if wishes.kdc and not _HOST.fullmatch(wishes.kdc):
        raise CasRefusal(
            f"cas_kdc: '{wishes.kdc}' is no host name, and to the JDK a colon stands between several KDCs; write the "
            "name alone, and a port into krb5.conf"
        )
    return wishes.kdc, wishes.kdc_realm


def _header_size(asked: Any) -> int:
    try:
        size = int(asked)
    except (TypeError, ValueError):
        size = -1
    if isinstance(asked, bool) or size < LEAST_HEADER:
        raise CasRefusal(
            f"cas_header_size: {asked} is less than {LEAST_HEADER} bytes, which the largest tickets of Active "
            "Directory need (MaxTokenSize 48000, in Base64); write a number of bytes from there on"
        )
    return size


def _further(asked: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """The site's own properties, none of which the role decides by a variable of its own."""
    known = {name_of(key): key for key in own}
    for key, value in asked.items():
        mine = known.get(name_of(str(key)))
        if mine is not None and _text(own[mine]) != _text(value):
            raise CasRefusal(
                f"cas_properties: {key} is what another variable of the role decides; leave it out, and see the role's "
                "README for that variable"
            )
    return asked


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def problems(found: Mapping[str, Any], settled: Sequence[str] = ()) -> List[str]:
    """What `cas_info` found wrong, as sentences, without the checks named in ``settled``."""
    return [f"{one['where']}: {one['what']}; {one['remedy']}." for one in problems_left(found, settled)]


def problems_left(found: Mapping[str, Any], settled: Sequence[str] = ()) -> List[Dict[str, str]]:
    """The problems without the checks named in ``settled``; `cas_info`'s options, which a remedy names in brackets, are
    variables of the role here."""
    return [
        {**one, "remedy": _OPTION.sub("(cas_", one["remedy"])}
        for one in found.get("problems") or ()
        if one["check"] not in settled
    ]
