// The table of hosts, and the field of the fleet, in which each host is a square.

const ORDER = { unknown: 0, drift: 1, clean: 2 };

function hostRow(host) {
  const name = element("button", { type: "button", class: "plain", "data-host": host.host }, host.host);
  const numbers = SEVERITIES.map((severity) =>
    element("td", { class: "number" }, host.open[severity] ? String(host.open[severity]) : "\u2013")
  );
  return element(
    "tr",
    {},
    element("th", { scope: "row", class: "mono" }, name),
    element("td", {}, badge(host.status)),
    element("td", {}, host.roles.join(", ")),
    ...numbers
  );
}

const byStatus = (hosts) => [...hosts].sort((one, other) => ORDER[one.status] - ORDER[other.status]);

// Pointing at a square names its host; pressing it filters by it. The table below does the same for the keyboard.
function pointAtField(field, filterBy) {
  const columns = Number(field.dataset.columns);
  const size = Number(field.dataset.size);
  const line = byId("pointer");
  const square = field.querySelector(".pointed");
  const at = (event) => {
    const box = field.getBoundingClientRect();
    const scale = field.viewBox.baseVal.width / box.width;
    const column = Math.floor(((event.clientX - box.left) * scale) / size);
    const row = Math.floor(((event.clientY - box.top) * scale) / size);
    return column < columns ? row * columns + column : -1;
  };
  field.addEventListener("pointermove", (event) => {
    const position = at(event);
    const host = report.hosts[position];
    square.setAttribute("visibility", host ? "visible" : "hidden");
    if (host) {
      square.setAttribute("x", (position % columns) * size);
      square.setAttribute("y", Math.floor(position / columns) * size);
    }
    const open = host ? SEVERITIES.filter((one) => host.open[one]).map((one) => `${host.open[one]} ${one}`) : [];
    line.textContent = host ? [host.host, WORDS[host.status] || host.status, ...open].join(" \u00b7 ") : "";
  });
  field.addEventListener("pointerleave", () => {
    square.setAttribute("visibility", "hidden");
    line.textContent = "";
  });
  field.addEventListener("click", (event) => {
    const host = report.hosts[at(event)];
    if (host) {
      filterBy(host.host);
    }
  });
}
