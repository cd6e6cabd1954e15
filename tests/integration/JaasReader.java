// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.Security;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.login.Configuration;

/**
 * What the JDK itself reads in login configurations.
 *
 * Takes jobs on standard input, one a line with blanks between the words: a file, and names of entries in UTF-8 and
 * hexadecimal, each behind a ':'. Answers each with one line: "refused ...", or "ok" and for each entry that it finds
 * its name, for each of its modules class and flag, and for each of the module's options key and value. All are in
 * hexadecimal behind a letter that says what it is: ':', 'c', 'f', 'k', 'v'. With the argument "raw" properties are not expanded. Java 8 must be able to run it.
 */
public final class JaasReader {
    private JaasReader() {
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 0) {
            Security.setProperty("policy.expandProperties", "false");
        }
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder out = new StringBuilder();
        for (String line = jobs.readLine(); line != null; line = jobs.readLine()) {
            String[] words = line.split(" ");
            System.setProperty("java.security.auth.login.config", "=" + words[0]);
            try {
                out.append(entries(words)).append('\n');
            } catch (Exception refused) {
                out.append("refused ").append(hex(String.valueOf(refused.getMessage()))).append('\n');
            }
        }
        System.out.print(out);
    }

    private static String entries(String[] words) throws Exception {
        Configuration configuration = Configuration.getInstance("JavaLoginConfig", null);
        StringBuilder out = new StringBuilder("ok");
        for (int at = 1; at < words.length; at++) {
            AppConfigurationEntry[] modules = configuration.getAppConfigurationEntry(text(words[at]));
            if (modules == null) {
                continue;
            }
            out.append(' ').append(words[at]);
            for (AppConfigurationEntry module : modules) {
                out.append(" c").append(hex(module.getLoginModuleName()));
                out.append(" f").append(hex(module.getControlFlag().toString()));
                for (Map.Entry<String, ?> option : new TreeMap<>(module.getOptions()).entrySet()) {
                    out.append(" k").append(hex(option.getKey())).append(" v").append(hex((String) option.getValue()));
                }
            }
        }
        return out.toString();
    }

    private static String text(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(hex.substring(2 * at + 1, 2 * at + 3), 16);
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static String hex(String text) {
        StringBuilder out = new StringBuilder();
        for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
            out.append(String.format("%02x", one));
        }
        return out.toString();
    }
}
