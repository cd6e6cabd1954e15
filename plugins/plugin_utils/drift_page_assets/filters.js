// What is shown, by what was chosen. The choice also stands in the page's address, so that it can be handed on.

const FIELDS = ["host", "role", "severity", "kind", "waived", "status"];
const PRESET = { waived: "open" };

function chosen() {
  return Object.fromEntries(FIELDS.map((name) => [name, byId(`filter-${name}`).value.trim()]));
}

function choose(choice) {
  for (const name of FIELDS) {
    const field = byId(`filter-${name}`);
    const wanted = choice[name] || PRESET[name] || "";
    field.value = wanted;
    if (field.value !== wanted) {
      field.value = PRESET[name] || "";
    }
  }
}

function remember(choice) {
  const kept = FIELDS.filter((name) => choice[name] && choice[name] !== PRESET[name]);
  const address = new URLSearchParams(kept.map((name) => [name, choice[name]])).toString();
  try {
    history.replaceState(null, "", address ? `#${address}` : location.pathname + location.search);
  } catch (refused) {
    // An address that the browser does not let be changed is kept.
  }
}

const remembered = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

// One flag a host: whether its name is meant. A whole name means that host alone; null means any.
function meant(text) {
  if (!text) {
    return null;
  }
  const lower = text.toLowerCase();
  const whole = report.hosts.some((host) => host.lower === lower);
  return report.hosts.map((host) => (whole ? host.lower === lower : host.lower.includes(lower)));
}

function ofHosts(finding, flags) {
  if (flags === null) {
    return true;
  }
  for (const at of positions(finding)) {
    if (flags[at]) {
      return true;
    }
  }
  return false;
}

function findingsOf(choice, flags) {
  return report.findings.filter(
    (finding) =>
      (!choice.role || finding.role === choice.role) &&
      (!choice.severity || finding.severity === choice.severity) &&
      (!choice.kind || finding.kind === choice.kind) &&
      (choice.waived === "all" || Boolean(finding.waived_by) === (choice.waived === "waived")) &&
      ofHosts(finding, flags)
  );
}

function hostsOf(choice, flags) {
  return report.hosts.filter(
    (host, at) =>
      (flags === null || flags[at]) &&
      (!choice.role || host.roles.includes(choice.role)) &&
      (!choice.status || host.status === choice.status)
  );
}
