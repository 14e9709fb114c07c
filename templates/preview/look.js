// What the scripts of all pages have in common.

export const html = (
  globalThis.trustedTypes ?? { createPolicy: (_, rules) => rules }
).createPolicy("postkit", { createHTML: (text) => text });

/** Follow the choice of colours, which the pages of one tab share. */
export function dress() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const inputs = [...document.querySelectorAll('input[name="theme"]')];
  const kept = sessionStorage.getItem("theme");
  const wear = () => {
    const { value } = inputs.find((input) => input.checked);
    document.documentElement.dataset.theme = value === "auto" ? (dark.matches ? "dark" : "light") : value;
  };
  for (const input of inputs) {
    input.checked = kept === null ? input.checked : kept === input.value;
    input.addEventListener("change", () => {
      sessionStorage.setItem("theme", input.value);
      wear();
    });
  }
  dark.addEventListener("change", wear);
  wear();
}

/** Make *old* like *now*, and keep what is the same: focus, scrolling and selections stay. */
export function become(old, now) {
  for (const { name } of [...old.attributes]) {
    if (!now.hasAttribute(name)) {
      old.removeAttribute(name);
    }
  }
  for (const { name, value } of now.attributes) {
    if (old.getAttribute(name) !== value) {
      old.setAttribute(name, value);
    }
  }
  fill(old, now);
}

/** Make the content of *old* like that of *now*. */
export function fill(old, now) {
  const named = new Map([...old.children].filter(({ id }) => id).map((child) => [child.id, child]));
  let at = old.firstChild;
  for (const next of [...now.childNodes]) {
    const found = next.id ? named.get(next.id) : at && same(at, next) ? at : null;
    if (!found) {
      old.insertBefore(next, at);
      continue;
    }
    if (found === at) {
      at = at.nextSibling;
    } else {
      old.insertBefore(found, at);
    }
    if (found.nodeType === Node.ELEMENT_NODE) {
      become(found, next);
    } else if (found.data !== next.data) {
      found.data = next.data;
    }
  }
  while (at) {
    const gone = at;
    at = at.nextSibling;
    gone.remove();
  }
}

function same(one, other) {
  return one.nodeName === other.nodeName && !one.id && !other.id;
}
