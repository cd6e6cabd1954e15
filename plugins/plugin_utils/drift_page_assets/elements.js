// Everything that a report says comes into the page as text, never as markup.

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const byId = (id) => document.getElementById(id);

const counted = (number, noun, plural = noun + "s") =>
  `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

const MARKS = { critical: "\u25b2", major: "\u25c6", minor: "\u25cf", unknown: "?", drift: "\u25c6", clean: "\u2713" };
const WORDS = { unknown: "not known" };

// A word with a sign before it, so that no colour is needed to tell it.
function badge(word) {
  return element(
    "span",
    { class: `badge ${word}` },
    element("span", { class: "mark", "aria-hidden": "true" }, MARKS[word] || ""),
    WORDS[word] || word
  );
}
