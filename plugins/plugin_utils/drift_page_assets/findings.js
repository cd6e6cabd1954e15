// One finding: a sentence, where it is, what is and what should be; the rest is made when it is opened.

const FEW = 2; // so many hosts are named at once

function value(text, kind) {
  return element("td", { class: kind }, text === null ? element("span", { class: "absent" }, "not there") : text);
}

function settingsTable(finding) {
  if (!finding.settings.length) {
    return null;
  }
  const heads = ["Setting", "Is", "Should be"].map((word) => element("th", { scope: "col" }, word));
  const rows = finding.settings.map((setting) =>
    element(
      "tr",
      {},
      element("th", { scope: "row", class: "mono" }, setting.name),
      value(setting.is, "is"),
      value(setting.should, "should")
    )
  );
  return element(
    "div",
    { class: "scroll" },
    element(
      "table",
      {},
      element("caption", { class: "unseen" }, `Settings of ${finding.resource}`),
      element("thead", {}, element("tr", {}, ...heads)),
      element("tbody", {}, ...rows)
    )
  );
}

// The signs of the diff stay, so that colour only repeats them.
const LINES = [
  [/^(---|\+\+\+|@@)/, "span", "place"],
  [/^\+/, "ins", "line"],
  [/^-/, "del", "line"],
  [/^/, "span", "line"],
];

function diffLine(text) {
  const [, name, kind] = LINES.find(([pattern]) => pattern.test(text));
  return element(name, { class: kind }, text || " ");
}

function differenceLines(finding) {
  return finding.diff ? finding.diff.replace(/\n$/, "").split("\n") : [];
}

function difference(finding) {
  return element(
    "pre",
    { class: "diff", tabindex: "0", role: "region", "aria-label": `Difference in ${finding.resource}` },
    ...differenceLines(finding).map(diffLine)
  );
}

// What there is to open, so that nobody opens it for nothing.
function promised(finding) {
  const lines = differenceLines(finding);
  const count = (sign, head) => lines.filter((line) => line.startsWith(sign) && !line.startsWith(head)).length;
  const parts = lines.length ? [`Difference (${count("-", "---")} removed, ${count("+", "+++")} added)`] : [];
  if (finding.count > FEW) {
    parts.push(counted(finding.count, "host"));
  }
  return parts.length ? `${parts.join(", ")} and details` : "Details";
}

// A part that is made when it is first opened.
function opened(summary, make) {
  const details = element("details", {}, element("summary", {}, summary));
  const fill = () => {
    if (details.childElementCount === 1) {
      details.append(make());
    }
  };
  details.addEventListener("toggle", () => details.open && fill());
  details.fill = fill;
  return details;
}

function hostNames(finding) {
  const names = [...positions(finding)].map((at) => report.hosts[at].host);
  return element("ul", { class: "names", "aria-label": "Hosts" }, ...names.map((name) => element("li", {}, name)));
}

function someHosts(finding) {
  const first = [];
  for (const at of positions(finding)) {
    if (first.length === FEW) {
      break;
    }
    first.push(report.hosts[at].host);
  }
  const rest = finding.count - first.length;
  return first.join(", ") + (rest ? ` and ${counted(rest, "other")}` : "");
}

function facts(finding) {
  const known = [
    ["Task", finding.task],
    ["Module", finding.module],
    ["Kind", finding.kind],
    ["Basis", finding.basis],
    ["Waived by", finding.waived_by],
    ["Finding", finding.id],
  ].filter(([, text]) => text);
  return element(
    "dl",
    { class: "facts" },
    ...known.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)])
  );
}

function findingCard(finding) {
  const title = `finding-${finding.number}`;
  const card = element(
    "article",
    { class: `finding ${finding.severity}`, "aria-labelledby": title },
    element("h3", { id: title }, finding.sentence),
    element(
      "p",
      { class: "meta" },
      badge(finding.severity),
      finding.waived_by ? element("span", {}, `waived by ${finding.waived_by}`) : null,
      finding.role ? element("span", {}, finding.role) : null,
      element("code", {}, finding.resource),
      finding.count ? element("span", {}, someHosts(finding)) : null
    ),
    settingsTable(finding),
    opened(promised(finding), () =>
      element(
        "div",
        {},
        finding.diff ? difference(finding) : null,
        facts(finding),
        finding.count > FEW ? hostNames(finding) : null
      )
    )
  );
  return element("li", {}, card);
}
