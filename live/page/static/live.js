// Updates the page in place: the server sends parts of it that are others, each an element with an id. What is shown,
// sorted and filtered is decided there; here are the connection, the keys and the address.
const body = document.body;
const notice = document.getElementById("notice");
const news = document.getElementById("news");
const view = document.getElementById("view");
const help = document.getElementById("help");
const pause = document.getElementById("pause");

// The server says something every one and a half seconds, however seldom updates are asked for.
const SILENT_MS = 4000;
const AGAIN_MS = 2000;

let stream = null;
let heardMs = Date.now();
let lostMs = 0;
let paused = body.dataset.paused === "1";
let applied = 0;

// -- the parts of the page ---------------------------------------------------------------------------------

// Makes one element like another, touching only what differs: focus, selection and scrolling stay.
function become(old, made) {
  if (old.nodeName !== made.nodeName) {
    old.replaceWith(made);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== made.data) old.data = made.data;
    return;
  }
  for (const { name, value } of made.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) {
    const kept = name === "open" && old.nodeName === "DETAILS";
    if (!kept && !made.hasAttribute(name)) old.removeAttribute(name);
  }
  const children = [...made.childNodes];
  const there = [...old.childNodes];
  children.forEach((child, at) => (at < there.length ? become(there[at], child) : old.append(child)));
  there.slice(children.length).forEach((child) => child.remove());
}

function built(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

// Of a thousand rows two dozen are in view: the others are made like what came last when they come into view.
const inView = new Set();
const waiting = new Map();
const watch = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        inView.add(target);
        catchUp(target);
      } else inView.delete(target);
    }
  },
  { rootMargin: "400px" },
);

function catchUp(row) {
  const html = waiting.get(row.id);
  if (html === undefined) return;
  waiting.delete(row.id);
  become(row, built(html));
}

function forget(row) {
  watch.unobserve(row);
  inView.delete(row);
  waiting.delete(row.id);
  row.remove();
}

function order(table, rows, fresh) {
  const focused = document.activeElement;
  const wanted = new Set(rows);
  for (const row of [...table.children]) if (!wanted.has(row.id)) forget(row);
  let next = table.firstElementChild;
  for (const id of rows) {
    let row = document.getElementById(id);
    if (row === null && fresh.has(id)) {
      row = built(fresh.get(id));
      watch.observe(row);
    }
    if (row === null) continue;
    if (row === next) next = next.nextElementSibling;
    else table.insertBefore(row, next);
  }
  if (focused?.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
}

function apply({ parts = {}, rows = null }) {
  const table = document.getElementById("rows");
  const fresh = new Map();
  for (const [id, html] of Object.entries(parts)) {
    const old = document.getElementById(id);
    if (old === null) fresh.set(id, html);
    else if (old.parentNode === table && !inView.has(old)) waiting.set(id, html);
    else become(old, built(html));
  }
  if (rows !== null && table) order(table, rows, fresh);
}

function update(message) {
  const told = JSON.parse(message.data);
  apply(told);
  if (told.status !== body.dataset.status) announce(told.says);
  body.dataset.status = told.status;
  applied += 1;
  body.dataset.applied = String(applied);
}

// Only changes of state are read out, not figures.
function announce(words) {
  news.textContent = words;
}

// -- the connection ----------------------------------------------------------------------------------------

function connect() {
  stream?.close();
  stream = new EventSource(body.dataset.stream + location.search);
  const here = stream;
  const heard = (does) => (message) => {
    if (here !== stream) return;
    heardMs = Date.now();
    if (lostMs) found();
    does?.(message);
  };
  stream.addEventListener("open", heard());
  stream.addEventListener("alive", heard());
  stream.addEventListener("update", heard(update));
  stream.addEventListener("error", () => here === stream && lose());
}

function lose() {
  if (!lostMs) {
    lostMs = Date.now();
    body.dataset.lost = "1";
    document.getElementById("headline").textContent = "✖ Unknown: the connection is lost, what is below is old";
    announce("Connection lost. Trying again.");
  }
  const time = new Date(heardMs).toISOString().slice(11, 19);
  notice.textContent = `✖ Connection lost: nothing heard from the server since ${time} UTC. Trying again by itself.`;
  notice.hidden = false;
}

function found() {
  lostMs = 0;
  delete body.dataset.lost;
  announce("Connected again.");
  say();
}

// What stands below the head of the page while nothing is wrong: that it is paused, or nothing.
function say() {
  notice.hidden = !paused;
  notice.textContent = paused ? `▮▮ Paused at ${new Date().toISOString().slice(11, 19)} UTC. Press p to go on.` : "";
}

async function signedOut() {
  const asked = { redirect: "manual", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(AGAIN_MS) };
  const answer = await fetch(location.href, asked);
  if (answer.type !== "opaqueredirect" && answer.status !== 401) return false;
  stream.close();
  stream = null;
  notice.replaceChildren("✖ Signed out: the token is no longer known. ");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = "Sign in again";
  notice.append(link);
  notice.hidden = false;
  return true;
}

let triedMs = 0;

async function again() {
  triedMs = Date.now();
  try {
    if (await signedOut()) return;
  } catch {
    return; // nobody is there
  }
  if (lostMs && stream?.readyState !== EventSource.CONNECTING) connect();
}

setInterval(() => {
  if (!stream) return;
  if (Date.now() - heardMs > SILENT_MS) lose();
  if (lostMs && Date.now() - triedMs > AGAIN_MS) again();
}, 500);

// -- the address -------------------------------------------------------------------------------------------

function show() {
  const said = new URLSearchParams();
  const usual = { sort: "surprise", every: "1" };
  for (const [name, value] of new FormData(view)) if (value && value !== usual[name]) said.set(name, value);
  if (paused) said.set("paused", "1");
  const search = said.size ? `?${said}` : "";
  history.replaceState(null, "", location.pathname + search);
  pause.textContent = paused ? "Go on" : "Pause";
  pause.value = paused ? "" : "1";
  if (!lostMs) say();
  connect();
}

let typing = 0;
view.addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(show, event.target.type === "search" ? 150 : 0);
});
view.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter === pause) paused = !paused;
  show();
});

// -- keys --------------------------------------------------------------------------------------------------

function step(by) {
  const links = [...document.querySelectorAll("#rows th a")];
  const at = links.indexOf(document.activeElement);
  links[Math.max(0, Math.min(links.length - 1, at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by))]?.focus();
}

function escape() {
  const filter = document.getElementById("filter");
  if (filter?.value) {
    filter.value = "";
    show();
  } else if (document.activeElement && document.activeElement !== body) document.activeElement.blur();
  if (!filter) document.querySelector("a[rel=up]")?.click();
}

const keys = {
  j: () => step(1),
  ArrowDown: () => step(1),
  k: () => step(-1),
  ArrowUp: () => step(-1),
  "/": () => document.getElementById("filter")?.focus(),
  s() {
    const sort = document.getElementById("sort");
    if (!sort) return;
    sort.selectedIndex = (sort.selectedIndex + 1) % sort.options.length;
    announce(`Sorted by ${sort.selectedOptions[0].textContent}`);
    show();
  },
  r: connect,
  p() {
    paused = !paused;
    announce(paused ? "Paused" : "Going on");
    show();
  },
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (event.key === "Escape") {
    escape();
    return;
  }
  const field = event.target.closest("input, select, textarea");
  const arrow = event.key.startsWith("Arrow") && !document.activeElement?.closest("#rows");
  if (field || arrow || !Object.hasOwn(keys, event.key)) return;
  event.preventDefault();
  keys[event.key]();
});

const button = document.getElementById("keys");
button.hidden = false;
button.addEventListener("click", () => help.showModal());
body.classList.add("scripted");
for (const row of document.querySelectorAll("#rows tr")) watch.observe(row);
addEventListener("beforeprint", () => document.querySelectorAll("#rows tr").forEach(catchUp));
say();
connect();
