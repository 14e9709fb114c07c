// The calendar. What it shows comes as HTML that the server has escaped; it asks for it again and
// again, and is told where nothing has changed.

import { dress, fill, html } from "./look.js";

const EVERY_MS = 1000;
const SAID_MS = 4000;
const TYPED_MS = 150;

const at = (id) => document.getElementById(id);
const dialog = at("post");
const about = at("about");
const asked = new URLSearchParams(location.search); // what is shown
let known = ""; // the version of it
let stopped = false;
let turn = 0; // of asking: an answer to what is no longer asked is not shown
let opener = ""; // what had the focus before the post was opened

dress();

// -- following the ledger ------------------------------------------------------------------------

/** Show what is asked for as it is now; say so where the person asked for something else. */
async function look({ aloud = false } = {}) {
  if (stopped) {
    return;
  }
  turn += 1;
  const mine = turn;
  let answer;
  try {
    answer = await fetch(`calendar/data?${asked}&known=${known}`);
  } catch {
    stopped = true; // whoever has the port by then is somebody else
    say("postkit has stopped: start it again", true);
    return;
  }
  if (mine !== turn || !answer.ok) {
    return;
  }
  if (at("status").dataset.stays) {
    say("");
  }
  if (answer.status === 204) {
    return;
  }
  const { version, parts, said } = await answer.json();
  if (mine !== turn) {
    return;
  }
  known = version;
  const before = states();
  show(at("main"), parts.main);
  show(about, parts.about);
  opened();
  if (aloud) {
    tell(said);
  } else {
    news(before);
  }
  document.documentElement.dataset.version = version;
}

function show(element, text) {
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const id = focused?.id;
  const made = document.createElement("template");
  made.innerHTML = html.createHTML(text);
  fill(element, made.content);
  if (focused && document.activeElement !== focused) {
    (focused.isConnected ? focused : id && at(id))?.focus({ preventScroll: true });
  }
  for (const select of element.querySelectorAll("select")) {
    select.value = select.querySelector("[selected]")?.value ?? select.value;
  }
}

function states() {
  const found = new Map();
  for (const { dataset } of document.querySelectorAll("[data-post][data-state]")) {
    found.set(dataset.post, dataset.state);
  }
  return found;
}

/** Say which posts are in another state than before: a screen reader does not see it. */
function news(before) {
  for (const [post, state] of states()) {
    if (before.has(post) && before.get(post) !== state) {
      const title = document.querySelector(`[data-post="${post}"] .title, [data-post="${post}"] bdi`);
      tell(`${title?.textContent ?? post}: ${state}`);
    }
  }
}

async function follow() {
  if (!document.hidden) {
    await look();
  }
  setTimeout(follow, EVERY_MS);
}

document.addEventListener("visibilitychange", () => document.hidden || look());

// -- going to another day, month or view ---------------------------------------------------------

async function go(link) {
  const post = asked.get("post");
  for (const name of [...asked.keys()]) {
    asked.delete(name);
  }
  for (const [name, value] of new URL(link, location.href).searchParams) {
    asked.set(name, value);
  }
  if (post) {
    asked.set("post", post);
  }
  keep();
  await look({ aloud: true });
}

function keep() {
  history.replaceState(null, "", `calendar${asked.size ? `?${asked}` : ""}`);
}

async function toDay(day) {
  const link = new URL(at("now").href);
  link.searchParams.set("day", day);
  at(`d-${day}`)?.focus();
  await go(link.href);
  if (asked.get("day") === day) {
    at(`d-${day}`)?.focus();
  }
}

at("main").addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    go(link.href);
    return;
  }
  const post = event.target.closest("[data-post]");
  if (post) {
    open(post);
  }
});

at("main").addEventListener("change", ({ target }) => {
  if (target.id === "account") {
    go(target.value);
  }
});

at("main").addEventListener("keydown", (event) => {
  const day = event.target.closest?.("a.day")?.dataset.day;
  if (!day || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const [year, month, date] = day.split("-").map(Number);
  const weekday = (new Date(Date.UTC(year, month - 1, date)).getUTCDay() + 6) % 7; // from Monday
  const last = (of) => new Date(Date.UTC(year, of, 0)).getUTCDate();
  const to = {
    ArrowLeft: [month, date - 1],
    ArrowRight: [month, date + 1],
    ArrowUp: [month, date - 7],
    ArrowDown: [month, date + 7],
    Home: [month, date - weekday],
    End: [month, date + 6 - weekday],
    PageUp: [month - 1, Math.min(date, last(month - 1))],
    PageDown: [month + 1, Math.min(date, last(month + 1))],
  }[event.key];
  if (to) {
    event.preventDefault();
    toDay(new Date(Date.UTC(year, to[0] - 1, to[1])).toISOString().slice(0, 10));
  }
});

// -- one post ------------------------------------------------------------------------------------

const field = at("when");
let step = "look";
let meant = null; // the time that the field means, once the server has said so
let rev = 0; // the post as it was when the person was asked
let typed;

async function open({ id, dataset }) {
  opener = id;
  asked.set("post", dataset.post);
  keep();
  await look();
}

/** Open the dialog where a post is asked for, and keep it in step with what is known of it. */
function opened() {
  const post = about.querySelector("[data-id]");
  if (!post) {
    dialog.close();
    return;
  }
  if (!dialog.open) {
    field.value = "";
    at("pick").value = post.dataset.wall;
    meant = null;
    fail();
    dialog.showModal();
    about.scrollTop = 0;
    to("look");
  } else if (step !== "look" && !post.dataset.can) {
    to("look");
    fail(`It is ${post.dataset.state} by now: it can be neither moved nor cancelled any more.`);
  } else {
    to(step, { still: true });
  }
}

function to(next, { still = false } = {}) {
  step = next;
  const post = about.querySelector("[data-id]");
  for (const part of dialog.querySelectorAll("[data-step]")) {
    part.hidden = part.dataset.step !== step || (step === "look" && !post?.dataset.can);
  }
  if (still) {
    return;
  }
  rev = Number(post?.dataset.rev);
  at("old-time").textContent = post?.dataset.due ?? "";
  const first = {
    move: field,
    "sure-move": dialog.querySelector('[data-do="really-move"]'),
    "sure-cancel": dialog.querySelector('[data-step="sure-cancel"] [data-do="look"]'),
  }[step];
  (first ?? about).focus();
}

function fail(...sentences) {
  write(at("failure"), sentences);
}

/** Write what postkit says, which has commands between backticks. */
function write(element, sentences) {
  const parts = sentences.filter(Boolean).join(" · ").split("`");
  element.replaceChildren(
    ...parts.map((part, number) => {
      const code = document.createElement("code");
      code.textContent = part;
      return number % 2 ? code : part;
    }),
  );
}

dialog.addEventListener("close", () => {
  asked.delete("post");
  keep();
  look();
  const post = document.querySelector(`[id="${opener}"]`);
  if (post && document.activeElement !== post) {
    post.focus({ preventScroll: true });
  }
});

// Escape goes back by one step, so that nothing that was typed is lost by it. The key itself is
// caught: a browser closes a dialog at the second one, whatever the page says.
dialog.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && step !== "look") {
    event.preventDefault();
    fail();
    to(step === "sure-move" ? "move" : "look");
  }
});

dialog.addEventListener("click", ({ target }) => {
  if (target === dialog) {
    if (step === "look") {
      dialog.close();
    }
    return;
  }
  const action = target.closest("[data-do]")?.dataset.do;
  if (!action) {
    return;
  }
  fail();
  if (action === "close") {
    dialog.close();
  } else if (action === "cancel") {
    to("sure-cancel");
  } else if (action === "really-move") {
    change("move", { when: meant.when }, `Moved to ${meant.shown}`, "move");
  } else if (action === "really-cancel") {
    change("cancel", {}, "Cancelled", "look");
  } else {
    to(action);
  }
});

/** Ask what the field means; return whether that is a time. */
async function read() {
  const text = field.value;
  const question = new URLSearchParams({ post: asked.get("post"), when: text });
  try {
    const told = await (await fetch(`calendar/meant?${question}`)).json();
    if (text !== field.value) {
      return false; // it was typed on meanwhile
    }
    meant = told.shown ? told : null;
    if (document.activeElement !== at("pick")) {
      at("pick").value = meant?.pick ?? "";
    }
    write(at("meaning"), meant ? [told.shown, ...told.remarks] : [told.error, told.hint]);
    at("meaning").classList.toggle("error", !meant);
    field.setAttribute("aria-invalid", String(!meant));
  } catch {
    meant = null;
    fail("postkit does not answer: start it again. What you typed stays.");
  }
  return meant !== null;
}

field.addEventListener("input", () => {
  clearTimeout(typed);
  if (field.value.trim()) {
    typed = setTimeout(read, TYPED_MS);
  } else {
    at("meaning").textContent = "";
    field.removeAttribute("aria-invalid");
  }
});

at("pick").addEventListener("input", ({ target }) => {
  if (target.value) {
    field.value = target.value.replace("T", " ");
    read();
  }
});

dialog.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(typed);
  fail();
  if (await read()) {
    at("new-time").textContent = meant.shown;
    write(at("remarks"), meant.remarks);
    to("sure-move");
  } else {
    field.focus();
  }
});

/** Change the post; go back to *retry* where it cannot be, with the reason. */
async function change(action, values, done, retry) {
  const body = JSON.stringify({ post: asked.get("post"), rev, ...values });
  try {
    const answer = await fetch(`calendar/${action}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    if (answer.ok) {
      dialog.close();
      say(done);
      return;
    }
    const told = await answer.json();
    await look();
    to(retry);
    fail(told.error, told.hint);
  } catch {
    fail("postkit does not answer: start it again. Nothing is lost.");
  }
}

// -- what is said --------------------------------------------------------------------------------

let said;

function say(text, stays = false) {
  clearTimeout(said);
  at("status").textContent = text;
  at("status").className = "";
  at("status").toggleAttribute("data-stays", stays);
  if (text && !stays) {
    said = setTimeout(() => (at("status").textContent = ""), SAID_MS);
  }
}

/** Say something to a screen reader alone. */
function tell(text) {
  if (dialog.open) {
    at("post-status").textContent = text;
  } else if (at("status").className || !at("status").textContent) {
    say(text);
    at("status").className = "unseen";
  }
}

follow();
