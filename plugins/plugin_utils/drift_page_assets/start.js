// Puts it together.

const findingList = pieces(byId("findings"), byId("more-findings"), findingCard, "finding");
const hostList = pieces(byId("hosts"), byId("more-hosts"), hostRow, "host");

function hostsWith(findings) {
  const flags = new Uint8Array(report.hosts.length);
  for (const finding of findings) {
    for (const [first, last] of finding.hosts) {
      flags.fill(1, first, last + 1);
    }
  }
  return flags.reduce((sum, flag) => sum + flag, 0);
}

function told(shown, choice) {
  if (!report.findings.length) {
    return "There is no finding.";
  }
  const hosts = hostsWith(shown);
  const waived = report.findings.filter((finding) => finding.waived_by).length;
  const words = [`${counted(shown.length, "finding")} of ${report.findings.length.toLocaleString("en")}`];
  if (hosts) {
    words.push(`on ${counted(hosts, "host")}`);
  }
  if (waived && choice.waived === "open") {
    words.push(`(${counted(waived, "waived one")} left out)`);
  }
  if (!shown.length) {
    words.push("fit the filters");
  }
  return `${words.join(" ")}.`;
}

function update() {
  const choice = chosen();
  const flags = meant(choice.host);
  const findings = findingsOf(choice, flags);
  const hosts = byStatus(hostsOf(choice, flags));
  findingList.set(findings);
  hostList.set(hosts);
  byId("told-findings").textContent = told(findings, choice);
  byId("told-hosts").textContent = `${counted(hosts.length, "host")} of ${report.hosts.length.toLocaleString("en")}.`;
  byId("hosts").closest("table").hidden = hosts.length === 0;
  remember(choice);
}

function filterBy(host) {
  choose({ ...chosen(), host });
  update();
  byId("filter-host").focus();
  byId("findings-heading").scrollIntoView({ block: "start" });
}

function start() {
  startTheme();
  choose(remembered());
  for (const scripted of document.querySelectorAll("[data-scripted]")) {
    scripted.hidden = false;
  }
  update();
  byId("filters").addEventListener("input", update);
  byId("filter-status").addEventListener("input", update);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("filters").addEventListener("reset", (event) => {
    event.preventDefault();
    choose({});
    update();
    byId("filter-host").focus();
  });
  byId("hosts").addEventListener("click", (event) => {
    const button = event.target.closest("[data-host]");
    if (button) {
      filterBy(button.dataset.host);
    }
  });
  const field = document.querySelector("svg.field");
  if (field) {
    pointAtField(field, filterBy);
  }
  window.addEventListener("hashchange", () => {
    choose(remembered());
    update();
  });
  // Paper shows all that the filters leave, and all of it opened.
  window.addEventListener("beforeprint", () => {
    findingList.all();
    hostList.all();
    for (const details of document.querySelectorAll("details")) {
      if (details.fill) {
        details.fill();
      }
      details.open = true;
    }
  });
}

start();
