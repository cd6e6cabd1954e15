# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Zimbra's services refuse, and what a Java program says as it dies."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """A refusal: `ERROR: code (message) (cause: class message)` as zmprov prints it; a cause may be empty."""

    def __init__(self, code: str, message: str, cause: str = "") -> None:
        super().__init__(code, message, cause)
        self.code, self.message, self.cause = code, message, cause

    def __str__(self) -> str:
        return f"{self.code} ({self.message})" + (f" (cause: {self.cause})" if self.cause else "")

    def told(self) -> dict[str, str]:
        """For the other end of a connection."""
        return {"code": self.code, "message": self.message, "cause": self.cause}


class JavaDied(Exception):
    """An exception that no code of Zimbra's catches: the program ends with status 1 and prints this on stderr."""


def invalid_request(message: str, cause: str = "") -> ServiceError:
    """What Zimbra calls an invalid request."""
    return ServiceError("service.INVALID_REQUEST", f"invalid request: {message}", cause)


def invalid_value(message: str, cause: str = "") -> ServiceError:
    """A value that an attribute's definition does not allow."""
    return ServiceError("account.INVALID_ATTR_VALUE", message, cause)


def failure(message: str, cause: str = "") -> ServiceError:
    """What went wrong below."""
    return ServiceError("service.FAILURE", f"system failure: {message}", cause)


def no_such(kind: str, key: str) -> ServiceError:
    """An entry that is not in the directory."""
    words = {"cos": "COS", "distribution list": "DISTRIBUTION_LIST"}
    return ServiceError(f"account.NO_SUCH_{words.get(kind, kind.upper())}", f"no such {kind}: {key}")


CLASSES = {
    "account": "com.zimbra.cs.account.AccountServiceException",
    "ldap": "com.zimbra.cs.ldap.LdapException",
    "service": "com.zimbra.common.service.ServiceException",
    "zclient": "com.zimbra.common.zclient.ZClientException",
}
FRAME = "\tat com.zimbra.cs.account.ProvUtil.main(ProvUtil.java:4075)\n"


def trace(error: ServiceError, identity: str) -> str:
    """The stack trace that -v adds to a refusal."""
    text = (
        f"{CLASSES[error.code.partition('.')[0]]}: {error.message}\nExceptionId:{identity}\nCode:{error.code}\n{FRAME}"
    )
    if error.cause:
        name, dummy, message = error.cause.partition(" ")
        text += f"Caused by: {name}: {message}\n{FRAME}"
    return text


def rebuilt(told: dict[str, Any]) -> ServiceError:
    """The refusal that the other end of a connection has told."""
    return ServiceError(str(told["code"]), str(told["message"]), str(told["cause"]))
