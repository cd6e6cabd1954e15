// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import java.io.IOException;
import org.apereo.cas.configuration.model.support.spnego.SpnegoSystemProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ResourceLoader;

/** The JDK's properties that CAS's module sets from cas.authn.spnego.system.*, once, at its start. */
final class SystemSettings {
    private static final Logger LOGGER = LoggerFactory.getLogger("org.apereo.cas.support.spnego.SystemSettings");

    private SystemSettings() {}

    static void set(SpnegoSystemProperties settings, ResourceLoader resources) throws IOException {
        // A resource of Spring's: a path without `file:` is looked for in the class path, and is not there.
        keep("java.security.krb5.conf", located(settings.getKerberosConf(), resources));
        keep("java.security.auth.login.config", located(settings.getLoginConf(), resources));
        keep("java.security.krb5.kdc", settings.getKerberosKdc());
        keep("java.security.krb5.realm", settings.getKerberosRealm());
        keep("sun.security.krb5.debug", settings.getKerberosDebug());
        keep("javax.security.auth.useSubjectCredsOnly", String.valueOf(settings.isUseSubjectCredsOnly()));
    }

    private static String located(String location, ResourceLoader resources) throws IOException {
        if (location == null || location.isBlank()) {
            return null;
        }
        var resource = resources.getResource(location);
        if (!resource.exists()) {
            LOGGER.warn("{} does not exist and is left out: name a file by a file: URL", location);
            return null;
        }
        return resource.getFile().getCanonicalPath();
    }

    private static void keep(String name, String value) {
        if (value != null && !value.isBlank()) {
            LOGGER.debug("{} is {}", name, value);
            System.setProperty(name, value);
        }
    }
}
