// A long list is shown in pieces, so that the first is there at once.

const PIECE = 50;

function pieces(place, button, make, noun) {
  let rest = [];
  const show = (most) => {
    const now = rest.slice(0, most);
    rest = rest.slice(most);
    place.append(...now.map(make));
    button.hidden = rest.length === 0;
    button.textContent = `Show ${Math.min(PIECE, rest.length)} more of ${counted(rest.length, noun)} not shown`;
    return place.children[place.children.length - now.length];
  };
  button.addEventListener("click", () => {
    // The button may go away: whoever pressed it goes on at the first of the new ones.
    const first = show(PIECE);
    const target = first && (first.querySelector("summary, button") || first);
    if (target) {
      target.focus();
    }
  });
  return {
    set(items) {
      rest = items;
      place.replaceChildren();
      show(PIECE);
    },
    all: () => show(rest.length),
  };
}
