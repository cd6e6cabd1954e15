// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import java.io.IOException;
import org.apereo.cas.configuration.CasConfigurationProperties;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.io.ResourceLoader;

/** Brings the endpoint into the CAS that runs, with that CAS's own settings, in its own Tomcat. */
@AutoConfiguration
public class NegotiateConfiguration {
    /** Before every other filter: what the lab proves is the login, and not what CAS does to its own pages. */
    @Bean
    public FilterRegistrationBean<NegotiateFilter> negotiate(CasConfigurationProperties cas, ResourceLoader resources)
            throws IOException {
        var spnego = cas.getAuthn().getSpnego();
        SystemSettings.set(spnego.getSystem(), resources);
        var registration = new FilterRegistrationBean<>(new NegotiateFilter(spnego));
        registration.addUrlPatterns("/negotiate");
        registration.setOrder(Ordered.HIGHEST_PRECEDENCE);
        return registration;
    }
}
