// Copyright (c) 2026, the mailrealm.kerberos authors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.AppenderRef;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;

/**
 * The loggers of configurations as Log4j reads them: "kind|name|level|additivity|appenders" each, and a line with a dot
 * behind each file. Each logger then writes its own name at its own level, for the appenders to keep.
 */
public final class LoggerReader {
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            LoggerContext context = Configurator.initialize(null, Path.of(file).toUri().toString());
            for (LoggerConfig one : new TreeMap<>(context.getConfiguration().getLoggers()).values()) {
                List<String> names = one.getAppenderRefs().stream().map(AppenderRef::getRef).collect(Collectors.toList());
                System.out.println(String.join("|", one.getClass().getSimpleName(), one.getName(), one.getLevel().name(),
                    String.valueOf(one.isAdditive()), String.join(",", names)));
                context.getLogger(one.getName()).log(one.getLevel(), "from {}", one.getName());
            }
            System.out.println(".");
            Configurator.shutdown(context);
        }
    }
}
