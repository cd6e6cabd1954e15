// The report as the page holds it. A finding's hosts are runs of positions in the list of hosts: [first, last].

const report = JSON.parse(byId("report").textContent);

const SEVERITIES = ["critical", "major", "minor"];

function* positions(finding) {
  for (const [first, last] of finding.hosts) {
    for (let at = first; at <= last; at += 1) {
      yield at;
    }
  }
}

// What the filters ask again and again is reckoned once.
for (const host of report.hosts) {
  host.lower = host.host.toLowerCase();
  host.open = { critical: 0, major: 0, minor: 0 };
}
for (const [number, finding] of report.findings.entries()) {
  finding.number = number; // its id is there twice where it is waived on some hosts alone
  finding.count = finding.hosts.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  if (!finding.waived_by) {
    for (const at of positions(finding)) {
      report.hosts[at].open[finding.severity] += 1;
    }
  }
}
