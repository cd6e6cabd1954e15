// Light, dark, or as the system has it. A browser may refuse to remember it.

function themed(name) {
  if (name === "auto") {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = name;
  }
}

function kept(name) {
  try {
    if (name) {
      localStorage.setItem("drift-theme", name);
    }
    return localStorage.getItem("drift-theme");
  } catch (refused) {
    return null;
  }
}

function startTheme() {
  const group = byId("theme");
  const before = group.querySelector(`input[value="${["light", "dark"].includes(kept()) ? kept() : "auto"}"]`);
  before.checked = true;
  themed(before.value);
  group.addEventListener("change", (event) => {
    themed(event.target.value);
    kept(event.target.value);
  });
  group.hidden = false;
}
