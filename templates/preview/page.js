// The page of a post. What it shows comes as HTML that the server has escaped, piece by piece.

import { dress, fill, html } from "./look.js";

const at = (id) => document.getElementById(id);
const root = document.documentElement;
const lines = at("lines");
const jumps = document.body.dataset.jumps;
const SAID_MS = 2000;
const QUIET_MS = 1000;
const MANY_LINES = 2000;

const parts = {};
let network = "";
let open = false; // whether the post is unfolded
let line = 0; // of the article, that is marked

// -- what the server tells ---------------------------------------------------------------------

const events = new EventSource("events");
events.onmessage = ({ data }) => {
  const told = JSON.parse(data);
  for (const name of told.gone) {
    delete parts[name];
  }
  Object.assign(parts, told.parts);
  if (told.lines) {
    splice(told.lines);
  }
  show(new Set([...told.gone, ...Object.keys(told.parts)]));
  root.dataset.version = told.version;
};
// It never asks again: whoever has the port by then is somebody else.
events.onerror = () => {
  events.close();
  say("postkit has stopped: start it again", true);
};

function splice({ from, remove, insert }) {
  for (const gone of [...lines.children].slice(from, from + remove)) {
    gone.remove();
  }
  if (line > from + remove) {
    line += insert.length - remove; // the mark stays with its line
  }
  const made = document.createElement("template");
  made.innerHTML = html.createHTML(insert.join(""));
  lines.insertBefore(made.content, lines.children[from] ?? null);
  lines.classList.toggle("many", lines.children.length > MANY_LINES);
}

function put(element, text) {
  const made = document.createElement("template");
  made.innerHTML = html.createHTML(text ?? "");
  fill(element, made.content);
  element.hidden = !text;
}

function show(changed) {
  const known = Object.keys(parts)
    .filter((name) => name.startsWith("card-"))
    .map((name) => name.slice("card-".length));
  network = chosen("network") || known[0] || "";
  root.dataset.device = chosen("device");
  for (const card of document.querySelectorAll(".card")) {
    if (changed.has(card.id)) {
      put(card, parts[card.id]);
    }
    card.hidden = card.id !== `card-${network}` || !parts[card.id];
  }
  if (changed.has("trouble")) {
    put(at("trouble"), parts.trouble);
  }
  put(at("report"), parts[`report-${network}`] ?? parts.report);
  at("copy").disabled = !parts[`card-${network}`];
  fold();
  mark();
  rove(document.activeElement);
  announce();
}

// -- the fold ------------------------------------------------------------------------------------

function fold() {
  for (const folds of document.querySelectorAll(".card:not([hidden]) .folds")) {
    const [text, more] = [folds.querySelector(".text"), folds.querySelector(".more")];
    folds.classList.add("folded");
    more.hidden = text.scrollHeight <= text.clientHeight + 1;
    folds.classList.toggle("folded", !open);
    more.setAttribute("aria-expanded", String(open));
    more.setAttribute("aria-label", open ? "Show less of the post" : "Show more of the post");
  }
}

// -- from the post to the article, and back ------------------------------------------------------

function mark() {
  for (const marked of document.querySelectorAll(".here, #lines [aria-selected]")) {
    marked.classList.remove("here");
    marked.removeAttribute("aria-selected");
    marked.removeAttribute("id");
  }
  const row = lines.children[line - 1];
  if (!line || !row) {
    lines.removeAttribute("aria-activedescendant");
    return;
  }
  row.setAttribute("aria-selected", "true");
  row.id = "line";
  lines.setAttribute("aria-activedescendant", "line");
  for (const piece of document.querySelectorAll(`.text [data-line="${line}"]`)) {
    piece.classList.add("here");
  }
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

function toArticle(number) {
  line = Number(number);
  mark();
  lines.children[line - 1]?.scrollIntoView({ block: "center", behavior: calm() });
  if (jumps) {
    fetch("jump", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ line }),
    }).catch(() => say("the editor does not answer"));
  }
}

function toPost(number) {
  line = number;
  mark();
  const piece = document.querySelector(`.card:not([hidden]) .text span.here, .card:not([hidden]) .text a.here`);
  if (!piece) {
    say(`Line ${line} is not in the post`);
    return;
  }
  if (!open && piece.closest(".folds")) {
    open = true;
    fold();
  }
  piece.scrollIntoView({ block: "center", behavior: calm() });
}

document.addEventListener("click", ({ target }) => {
  if (target.closest(".more")) {
    open = !open;
    fold();
    return;
  }
  const row = target.closest("#lines li");
  if (row) {
    toPost([...lines.children].indexOf(row) + 1);
    return;
  }
  const piece = target.closest("[data-line]");
  if (piece && !target.closest("a[href]")) {
    toArticle(piece.dataset.line);
  }
});

lines.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 20, PageUp: -20 }[event.key];
  if (step) {
    line = Math.min(Math.max(line + step, 1), lines.children.length);
    mark();
    lines.children[line - 1].scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" || event.key === " ") {
    toPost(line);
  } else {
    return;
  }
  event.preventDefault();
});

// One of the marks beside the paragraphs is reached by Tab, the others by the arrows.
at("feed").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const all = [...document.querySelectorAll(".card:not([hidden]) .jump")];
  const now = all.indexOf(document.activeElement);
  if (step && now >= 0) {
    all[Math.min(Math.max(now + step, 0), all.length - 1)].focus();
    event.preventDefault();
  }
});

function rove(focused) {
  const all = [...document.querySelectorAll(".card:not([hidden]) .jump")];
  const first = all.includes(focused) ? focused : all[0];
  for (const jump of all) {
    jump.tabIndex = jump === first ? 0 : -1;
  }
}

document.addEventListener("focusin", ({ target }) => {
  const below = target.matches(".jump") && target.offsetTop >= target.closest(".text").clientHeight;
  if (below && !open) {
    open = true;
    fold();
  }
  rove(target);
});

// -- the bar -------------------------------------------------------------------------------------

const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`)?.value;

for (const name of ["network", "device"]) {
  const kept = sessionStorage.getItem(name);
  for (const input of document.querySelectorAll(`input[name="${name}"]`)) {
    input.checked = kept === null ? input.checked : kept === input.value;
    input.addEventListener("change", () => {
      sessionStorage.setItem(name, input.value);
      show(new Set());
    });
  }
}
dress();

at("copy").addEventListener("click", async () => {
  const text = document.querySelector(".card:not([hidden]) [data-text]")?.textContent ?? "";
  try {
    await navigator.clipboard.writeText(text);
    say("Copied");
  } catch {
    say("The browser does not let this page copy");
  }
});

// -- what is said --------------------------------------------------------------------------------

let said;
let quiet;
let counted = "";

function say(text, stays = false) {
  clearTimeout(said);
  at("status").textContent = text;
  if (text && !stays) {
    said = setTimeout(() => (at("status").textContent = ""), SAID_MS);
  }
}

/** Tell a screen reader how long the post is, once nobody types any more. */
function announce() {
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    const now = document.querySelector(".count")?.textContent.replace(/\s+/g, " ").trim() ?? "";
    if (now !== counted) {
      counted = now;
      at("count").textContent = now;
    }
  }, QUIET_MS);
}
