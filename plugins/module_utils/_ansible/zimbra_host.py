# Copyright (c) 2026, the mailrealm.kerberos authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Zimbra's localconfig for the time of one module, or in check mode a Zimbra that is not there yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule

from .._domain.zimbra_installed import MARKERS, Installed
from .._domain.zimbra_localconfig import Plan, State
from .._domain.zimbra_localconfig_file import LocalconfigRefusal
from .._domain.zimbra_release import Release
from .._system.zimbra_programs import HOME, ZimbraMissing, ZimbraPrograms
from .._system.zmlocalconfig import FILE, Localconfig


class ZimbraHost:
    """``localconfig`` is None in check mode on a host without Zimbra. ``release``: one that was given or asked for."""

    def __init__(self, module: AnsibleModule, release: Optional[Release] = None) -> None:
        self._module = module
        self.programs: Optional[ZimbraPrograms] = None
        self.localconfig: Optional[Localconfig] = None
        self.path = f"{HOME}/{FILE}"
        self.release = release

    def begin(self) -> None:
        """Look for Zimbra, once; ZimbraRefusal where it is not there, unless in check mode."""
        if self.programs is None:
            try:
                self.programs = ZimbraPrograms()
                self.localconfig = Localconfig(self.programs)
            except ZimbraMissing as missing:
                self._absent(missing)

    def read(self) -> State:
        """All keys and values; none in check mode on a host without Zimbra."""
        self.begin()
        if self.localconfig is None:
            return State()
        try:
            return self.localconfig.read()
        except ZimbraMissing as missing:
            self._absent(missing)
            return State()

    def ask_release(self) -> None:
        """Have this host's Zimbra tell its release, unless it is known."""
        if self.release is None and self.localconfig is not None:
            self.release, dummy = self.localconfig.release()

    def write(self, plan: Plan) -> Dict[str, Any]:
        if self.localconfig is None:
            raise AssertionError("a plan was to be carried out without Zimbra")
        self.localconfig.write(plan)
        return {"calls": self.calls}

    def installed(self) -> Installed:
        """All that can be told of it; what is wrong with localconfig is told too, and refused nowhere."""
        self.begin()
        if self.programs is None or self.localconfig is None:
            return Installed(self.path, state=State())
        with self.localconfig.telling() as release_told:
            try:
                found = Installed(self.path, state=self.read())
            except LocalconfigRefusal as refusal:
                found = Installed(self.path, state=None, unusable=str(refusal))
            if self.localconfig is None:
                return found
            release, line = release_told()
        services = [name for name, paths in MARKERS.items() if any(map(self.programs.installed, paths))]
        return replace(found, services=tuple(services), release=release, release_line=line)

    @property
    def calls(self) -> int:
        return self.localconfig.calls if self.localconfig else 0

    def _absent(self, missing: ZimbraMissing) -> None:
        if not self._module.check_mode:
            raise missing
        self._module.warn(f"check mode goes on as if it will be there: {missing}")
        self.localconfig = None
