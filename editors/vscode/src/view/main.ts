/** Runs in the page of the panel. What comes from an article is set as text, and never as HTML. */

import type { FromPage, ToPage } from "../messages";
import { count, isCondensed, isTooLong, type Post, remark } from "../model";
import { became, destination, origin, type Position, type Stretch, stretches } from "../places";
import { caretAt, rangeOf } from "./caret";
import { cutAt, paragraphs, type Piece, pieces, splitAt } from "./pieces";

declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): State | undefined;
  setState(state: State): void;
};

interface State {
  open: boolean;
  network: string;
}

type Shown = Extract<ToPage, { kind: "show" }>;
type Here = Extract<ToPage, { kind: "here" }>;

const SEEN_MS = 1500;
const MARGIN_PX = 12;

const api = acquireVsCodeApi();
const state: State = api.getState() ?? { open: true, network: "" };
let shown: Shown | undefined;
let article = "";
let here: Here | undefined;
let places: Stretch[] = []; // of the post that is shown
let jumps: { start: number; end: number; button: HTMLButtonElement }[] = []; // to its paragraphs

const at = <Kind extends HTMLElement = HTMLElement>(id: string): Kind =>
  document.getElementById(id) as Kind;

const text = at("post");

function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function chosen(): Post | undefined {
  const all = shown?.posts?.posts;
  return all?.find(({ network }) => network === state.network) ?? all?.[0];
}

function update(): void {
  const said = shown?.posts;
  const post = chosen();
  const { trouble } = shown ?? {};
  at("waiting").hidden = Boolean(trouble || said);
  showTrouble();
  at("shown").hidden = Boolean(trouble || said?.error || !post);
  if (post) {
    showMeasure(post);
    showNetworks(said?.posts ?? [], post);
    showText(post);
    showMedia(post);
    showComment(post);
    showLeftOut(post);
    mark(post);
  }
}

function showTrouble(): void {
  const { trouble, posts } = shown ?? {};
  const told = trouble ?? posts?.error;
  at("trouble").hidden = !told;
  at("message").textContent = told?.message ?? "";
  at("hint").textContent = told?.hint ?? "";
  const line = posts?.error?.line ?? null;
  const mend = at<HTMLButtonElement>("mend");
  mend.hidden = !trouble && line === null;
  mend.textContent = trouble ? "Try again" : `Go to line ${line}`;
  mend.onclick = () =>
    api.postMessage(trouble || line === null ? { kind: "restart" } : { kind: "reveal", position: beginOf(line) });
}

/** Of a line that is counted from 1. */
function beginOf(line: number): Position {
  return { line: line - 1, character: 0 };
}

function showMeasure(post: Post): void {
  at("count").textContent = count(post);
  at("remark").textContent = remark(post);
  const { value, limit } = post.length;
  const meter = at("meter");
  meter.hidden = limit === null;
  meter.className = isTooLong(post) ? "over" : isCondensed(post) ? "condensed" : "";
  meter.setAttribute("aria-valuemax", String(limit ?? value));
  meter.setAttribute("aria-valuenow", String(Math.min(value, limit ?? value)));
  meter.setAttribute("aria-valuetext", `${count(post)} ${remark(post)}`.trim());
  at("fill").style.width = `${limit ? Math.min(100, (100 * value) / limit) : 0}%`;
}

function showNetworks(all: readonly Post[], chosen: Post): void {
  const select = at<HTMLSelectElement>("network");
  select.hidden = all.length < 2;
  select.replaceChildren(...all.map(({ title, network }) => new Option(title, network)));
  select.value = chosen.network;
  at("title").textContent = chosen.title;
}

function showText(post: Post): void {
  const focused = buttons().indexOf(document.activeElement as HTMLButtonElement);
  places = stretches(post);
  jumps = paragraphs(post.text).flatMap(([start, end]) => {
    const first = places.find((place) => place.start < end && start < place.end);
    return first ? [{ start, end, button: jumpButton(first) }] : [];
  });
  const all = jumps.reduce((cut, { start }) => cutAt(cut, start), pieces(post.text, post.hashtags));
  let at = 0;
  const nodes = (some: readonly Piece[]): Node[] =>
    some.flatMap((piece) => {
      const jump = jumps.find(({ start }) => start === at);
      at += piece.text.length;
      return jump ? [jump.button, node(piece)] : [node(piece)];
    });
  const [before, after] = post.fold_at === null ? [all, []] : splitAt(all, post.fold_at);
  const inside = nodes(before);
  if (after.length > 0) {
    const rest = element("span", "rest");
    rest.append(...nodes(after));
    inside.push(foldButton(rest), rest);
  }
  text.replaceChildren(...inside);
  reach(jumps[0]?.button);
  buttons()[focused]?.focus({ preventScroll: true });
}

function buttons(): HTMLButtonElement[] {
  return [...text.querySelectorAll("button")];
}

/** Beside a paragraph, and without words: they would be part of the post. */
function jumpButton({ line, character }: Position): HTMLButtonElement {
  const button = element("button", "jump");
  button.type = "button";
  button.title = `Go to line ${line + 1}`;
  button.setAttribute("aria-label", button.title);
  button.onclick = () => api.postMessage({ kind: "reveal", position: { line, character } });
  return button;
}

/** Have Tab reach one of the paragraphs; the arrows reach the others. */
function reach(reached: Element | undefined): void {
  for (const { button } of jumps) {
    button.tabIndex = button === reached ? 0 : -1;
  }
}

/** Its words come from the style sheet. */
function foldButton(rest: HTMLElement): HTMLButtonElement {
  const button = element("button", "fold");
  button.type = "button";
  const turn = (): void => {
    rest.hidden = !state.open;
    button.setAttribute("aria-expanded", String(state.open));
    const what = state.open ? "The feed cuts the post here. Close it" : "Open the post";
    button.title = what;
    button.setAttribute("aria-label", what);
  };
  button.onclick = () => {
    state.open = !state.open;
    api.setState(state);
    turn();
  };
  turn();
  return button;
}

function node(piece: Piece): Node {
  return piece.tag ? element("span", "tag", piece.text) : document.createTextNode(piece.text);
}

function showMedia(post: Post): void {
  at("media").replaceChildren(
    ...post.media.map(({ path, alt, exists }) => {
      const item = element("li", "");
      item.append(
        element("span", "name", path.split(/[/\\]/).pop()),
        element("span", alt ? "alt" : "alt none", alt || "no alternative text"),
      );
      if (exists === false) {
        item.append(element("span", "badge", "not found"));
      }
      return item;
    }),
  );
}

function showComment(post: Post): void {
  at("comment").hidden = !post.first_comment;
  at("comment-text").textContent = post.first_comment ?? "";
}

function showLeftOut(post: Post): void {
  at("left-out").hidden = post.left_out.length === 0;
  at("how-many").textContent = String(post.left_out.length);
  at("parts").replaceChildren(
    ...post.left_out.map(({ what, why, line, ranges }) => {
      const item = element("li", "");
      const inside = line === null ? element("div", "part") : element("button", "part");
      inside.append(element("span", "what", what), element("span", "why", why));
      if (line !== null) {
        inside.append(element("span", "line", `line ${line}`));
        const [first] = ranges;
        const position = first ? { line: first[0], character: first[1] } : beginOf(line);
        inside.onclick = () => api.postMessage({ kind: "reveal", position });
      }
      item.append(inside);
      return item;
    }),
  );
}

// -- from the article to the post, and back ------------------------------------------------------

/** Mark what became of the lines that the cursor is in. */
function mark(post: Post): void {
  const [from, to] = here?.name === article ? [here.from, here.to] : [1, 0];
  const found = became(places, post.text, from, to);
  CSS.highlights.set("here", new Highlight(...found.map((one) => rangeOf(text, ...one))));
  for (const { start, end, button } of jumps) {
    const isHere = found.some((one) => one[0] < end && start < one[1]);
    button.classList.toggle("here", isHere);
    button.setAttribute("aria-current", String(isHere));
  }
  for (const [index, { ranges }] of post.left_out.entries()) {
    const isHere = ranges.some(([first, , last]) => first <= to && from <= last);
    at("parts").children[index]?.classList.toggle("here", isHere);
  }
}

/** Bring into view what the cursor is in; nothing moves where it is seen already. */
function follow(post: Post): void {
  const offset = here?.name === article ? destination(places, here.cursor) : undefined;
  if (offset === undefined) {
    return;
  }
  const start = Math.min(offset, post.text.length - 1);
  const character = rangeOf(text, start, start + 1);
  // What is folded away has no place: it is behind the button.
  const shownBy = character.getClientRects().length > 0 ? character : text.querySelector(".fold");
  const seen = shownBy?.getBoundingClientRect();
  const top = at("bar").getBoundingClientRect().bottom + MARGIN_PX;
  if (seen && (seen.top < top || seen.bottom > window.innerHeight - MARGIN_PX)) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    window.scrollBy({
      top: seen.top - top - (window.innerHeight - top) / 3,
      behavior: still ? "instant" : "smooth",
    });
  }
}

text.onclick = ({ target, clientX, clientY }) => {
  const post = chosen();
  if (!post || (target as Element).closest("button") || !getSelection()?.isCollapsed) {
    return; // who selects words wants to copy them
  }
  const offset = caretAt(text, clientX, clientY);
  const position = offset === undefined ? undefined : origin(places, post.text, offset);
  if (position) {
    api.postMessage({ kind: "reveal", position });
  }
};

text.addEventListener("keydown", (event) => {
  const shownNow = jumps.filter(({ button }) => button.offsetParent).map(({ button }) => button);
  const now = shownNow.indexOf(document.activeElement as HTMLButtonElement);
  const wanted = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: shownNow.length - 1 }[event.key];
  if (now >= 0 && wanted !== undefined) {
    shownNow[Math.min(Math.max(wanted, 0), shownNow.length - 1)]?.focus();
    event.preventDefault();
  }
});

text.addEventListener("focusin", ({ target }) => {
  if ((target as Element).matches(".jump")) {
    reach(target as Element);
  }
});

// ------------------------------------------------------------------------------------------------

at("copy").onclick = () => api.postMessage({ kind: "copy", network: at<HTMLSelectElement>("network").value });
at("network").onchange = () => {
  state.network = at<HTMLSelectElement>("network").value;
  api.setState(state);
  update();
};

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.kind === "copied") {
    at("copy").textContent = "Copied";
    setTimeout(() => (at("copy").textContent = "Copy"), SEEN_MS);
    return;
  }
  if (data.kind === "here") {
    here = data;
    const post = chosen();
    if (post) {
      mark(post);
      follow(post);
    }
    return;
  }
  shown = data;
  if (article !== data.name) {
    article = data.name;
    window.scrollTo(0, 0);
  }
  update();
});

api.postMessage({ kind: "ready" });
