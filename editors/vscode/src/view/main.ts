/** Runs in the page of the panel. What comes from an article is set as text, and never as HTML. */

import type { FromPage, ToPage } from "../messages";
import { count, isCondensed, isTooLong, type Post, remark } from "../model";
import { type Piece, pieces, splitAt } from "./pieces";

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

const SEEN_MS = 1500;

const api = acquireVsCodeApi();
const state: State = api.getState() ?? { open: true, network: "" };
let shown: Shown | undefined;
let article = "";

const at = <Kind extends HTMLElement = HTMLElement>(id: string): Kind =>
  document.getElementById(id) as Kind;

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

function update(): void {
  const said = shown?.posts;
  const post = said?.posts.find(({ network }) => network === state.network) ?? said?.posts[0];
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
    api.postMessage(trouble || line === null ? { kind: "restart" } : { kind: "reveal", line });
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
  const all = pieces(post.text, post.hashtags);
  const [before, after] = post.fold_at === null ? [all, []] : splitAt(all, post.fold_at);
  const nodes: Node[] = before.map(node);
  if (after.length > 0) {
    const rest = element("span", "rest");
    rest.append(...after.map(node));
    nodes.push(foldButton(rest), rest);
  }
  at("post").replaceChildren(...nodes);
}

/** Its words come from the style sheet: as text they would be part of the post. */
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

function node({ text, tag }: Piece): Node {
  return tag ? element("span", "tag", text) : document.createTextNode(text);
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
    ...post.left_out.map(({ what, why, line }) => {
      const item = element("li", "");
      const inside = line === null ? element("div", "part") : element("button", "part");
      inside.append(element("span", "what", what), element("span", "why", why));
      if (line !== null) {
        inside.append(element("span", "line", `line ${line}`));
        inside.onclick = () => api.postMessage({ kind: "reveal", line });
      }
      item.append(inside);
      return item;
    }),
  );
}

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
  shown = data;
  if (article !== data.name) {
    article = data.name;
    window.scrollTo(0, 0);
  }
  update();
});

api.postMessage({ kind: "ready" });
