// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.apereo.cas.configuration.model.support.spnego.SpnegoProperties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which client is asked for a ticket: by its browser always, by its address or name only in mixed mode. */
final class Clients {
    private static final Logger LOGGER = LoggerFactory.getLogger("org.apereo.cas.web.flow.client.Clients");

    private final SpnegoProperties spnego;

    Clients(SpnegoProperties spnego) {
        this.spnego = spnego;
    }

    boolean areAsked(String userAgent, String address) {
        return hasBrowser(userAgent) && (!spnego.isMixedModeAuthentication() || isSelected(address));
    }

    private boolean hasBrowser(String userAgent) {
        var supported = userAgent != null
            && Arrays.stream(spnego.getSupportedBrowsers().split(",")).map(String::trim).anyMatch(userAgent::contains);
        if (!supported) {
            LOGGER.debug("User agent {} has none of {}", userAgent, spnego.getSupportedBrowsers());
        }
        return supported;
    }

    private boolean isSelected(String address) {
        var strategy = spnego.getHostNameClientActionStrategy();
        var selected = switch (strategy) {
            case "baseSpnegoClientAction" -> isAddressSelected(address);
            case "hostnameSpnegoClientAction" -> isAddressSelected(address) && isNameSelected(address);
            case "ldapSpnegoClientAction" -> isAddressSelected(address) && Directory.knows(spnego, nameOf(address));
            default -> throw new IllegalStateException("no bean " + strategy);
        };
        LOGGER.debug("{} selects {}: {}", strategy, address, selected);
        return selected;
    }

    /** As CAS does, by find(): a pattern that is not anchored fits in the middle of an address too. */
    private boolean isAddressSelected(String address) {
        return Pattern.compile(spnego.getIpsToCheckPattern()).matcher(address).find();
    }

    private boolean isNameSelected(String address) {
        return Pattern.compile(spnego.getHostNamePatternString()).matcher(nameOf(address)).find();
    }

    private static String nameOf(String address) {
        try {
            return InetAddress.getByName(address).getCanonicalHostName();
        } catch (UnknownHostException e) {
            return address;
        }
    }
}
