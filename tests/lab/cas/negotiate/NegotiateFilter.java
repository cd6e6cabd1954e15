// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
package lab.negotiate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import @SERVLET@.servlet.Filter;
import @SERVLET@.servlet.FilterChain;
import @SERVLET@.servlet.ServletRequest;
import @SERVLET@.servlet.ServletResponse;
import @SERVLET@.servlet.http.HttpServletRequest;
import @SERVLET@.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Base64;
import java.util.Objects;
import javax.security.auth.login.LoginException;
import org.apereo.cas.configuration.model.support.spnego.SpnegoAuthenticationProperties;
import org.apereo.cas.configuration.model.support.spnego.SpnegoProperties;
import org.apereo.cas.util.LoggingUtils;
import org.ietf.jgss.GSSException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The endpoint: what CAS's login page does with its SPNEGO module, without a session. */
public final class NegotiateFilter implements Filter {
    private static final Logger LOGGER = LoggerFactory.getLogger("org.apereo.cas.support.spnego.NegotiateFilter");
    /** jcifs-ext writes the token here, whole. */
    private static final Logger TOKENS = LoggerFactory.getLogger("jcifs.spnego.Authentication");

    private static final String SCHEME = "Negotiate";
    private static final String PAGE = "<!DOCTYPE html><title>CAS</title>%s%n";
    private static final String LOGIN = PAGE.formatted("<p id=\"login\">please log in</p>");
    /** Raw, or inside a SPNEGO token. */
    private static final String NTLM = "NTLMSSP\0";

    private final SpnegoProperties spnego;
    private final Clients clients;
    private final Acceptor acceptor;

    public NegotiateFilter(SpnegoProperties spnego) {
        this.spnego = spnego;
        clients = new Clients(spnego);
        acceptor = new Acceptor(spnego.getProperties().stream()
            .map(SpnegoAuthenticationProperties::getJcifsServicePrincipal).filter(Objects::nonNull).toList());
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException {
        answer((HttpServletRequest) request, (HttpServletResponse) response);
    }

    private void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("Cache-Control", "no-store");
        if (!clients.areAsked(request.getHeader("User-Agent"), addressOf(request))) {
            page(response, HttpServletResponse.SC_OK, LOGIN);
            return;
        }
        var said = request.getHeader("Authorization");
        if (said == null || !said.startsWith(SCHEME + " ")) {
            response.setHeader("WWW-Authenticate", SCHEME);
            page(response, HttpServletResponse.SC_UNAUTHORIZED, spnego.isMixedModeAuthentication() ? LOGIN : "");
            return;
        }
        try {
            var accepted = acceptor.accept(decoded(said.substring(SCHEME.length() + 1).trim()));
            if (accepted.token() != null) {
                response.setHeader("WWW-Authenticate", SCHEME + " " + Base64.getEncoder().encodeToString(accepted.token()));
            }
            LOGGER.info("{} logged in from {}", accepted.user(), request.getRemoteAddr());
            page(response, HttpServletResponse.SC_OK, PAGE.formatted("<p id=\"user\">" + named(accepted.user()) + "</p>"));
        } catch (GSSException | LoginException e) {
            LoggingUtils.warn(LOGGER, e.toString(), e);
            // Without a header that offers Negotiate again: CAS sends none, and the browser gives up.
            var status = spnego.isSend401OnAuthenticationFailure()
                ? HttpServletResponse.SC_UNAUTHORIZED : HttpServletResponse.SC_OK;
            page(response, status, LOGIN);
        }
    }

    private String addressOf(HttpServletRequest request) {
        var told = request.getHeader(spnego.getAlternativeRemoteHostAttribute());
        return told == null || told.isBlank() ? request.getRemoteAddr() : told;
    }

    private byte[] decoded(String text) throws GSSException {
        TOKENS.debug("token {}", text);
        byte[] token;
        try {
            token = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new GSSException(GSSException.DEFECTIVE_TOKEN, -1, "the token is not Base64");
        }
        if (new String(token, ISO_8859_1).contains(NTLM)) {
            var why = spnego.isNtlmAllowed() ? "NTLM is not supported here" : "NTLM is not allowed (ntlm-allowed)";
            throw new GSSException(GSSException.BAD_MECH, -1, why);
        }
        return token;
    }

    private String named(String user) {
        return spnego.isPrincipalWithDomainName() ? user : user.substring(0, user.lastIndexOf('@'));
    }

    private static void page(HttpServletResponse response, int status, String text) throws IOException {
        response.setStatus(status);
        response.setContentType("text/html;charset=UTF-8");
        response.getOutputStream().write(text.getBytes(UTF_8));
    }
}
