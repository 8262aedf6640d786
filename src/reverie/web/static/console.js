// The operator's page: one look at /api/state a second while somebody sees it, drawn in place.

import { pill, set, template } from "./dom.js";
import { LiveView } from "./live.js";

const LOOK = 1_000;
const FILMS = 5_000;
const RUNGS = { clip: "exact film", draft: "as it was made", topic: "same topic", ambient: "ambient" };

/** What the check measures, in words, what matters most first; `short` is for a moment's card. */
const SCORES = {
  sees: { name: "What was asked for is seen", show: percent, short: "recognised" },
  asked: { name: "Things asked for that it can know", show: String },
  dynamic: { name: "Movement, of the picture's width a second", show: percent, short: "movement" },
  moving: { name: "Share of the time in which it moves", show: percent },
  frozen_s: { name: "Longest standstill", show: seconds },
  flicker: { name: "Steadiness (1: calm; low: it flickers)", show: number, short: "steadiness" },
  pumping: { name: "Unsteady light", show: percent },
  warp: { name: "Change that is no movement", show: percent, short: "distortion" },
  lost: { name: "Share that comes and goes", show: percent },
  disorder: { name: "Disorder (0.5: steady movement, 1: none)", show: number },
  drift: { name: "Drift of the colours (Lab)", show: number },
  jump: { name: "Largest sudden change of colour (Lab)", show: number },
  noise: { name: "Likeness to noise", show: percent },
  contrast: { name: "Contrast", show: percent },
  luma: { name: "Brightness", show: percent },
  black: { name: "Black pictures", show: percent },
  dark: { name: "Share that stays black", show: percent },
  frames: { name: "Pictures", show: String },
};

const $ = (selector, root = document) => root.querySelector(selector);
let state = null;
let lateness = 0; // the server's clock minus ours, seconds
let turning = false; // a dial is on its way: do not turn it back meanwhile

// Before the first caption: Chromium does not always draw a text anew whose font comes late.
document.fonts.load('15px "Reverie CJK"', "一").catch(() => {});

// ---- looking

async function look() {
  if (document.hidden) return;
  try {
    state = await ask("GET", "/api/state");
    lateness = state.now - Date.now() / 1000;
    draw();
    wellness();
  } catch (error) {
    pill($("#wellness"), "bad", "no answer");
    trouble(`The server does not answer (${error.message}). This page tries again every second.`);
  }
}

async function lookAtFilms() {
  if (document.hidden) return;
  try {
    const [films, plays] = await Promise.all([ask("GET", "/api/clips?count=36"), ask("GET", "/api/plays?count=25")]);
    drawFilms(films);
    drawPlays(plays);
  } catch {
    // look() says so
  }
}

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.error ?? `status ${answer.status}`);
  return said;
}

// ---- drawing

function draw() {
  $("#name").textContent = state.name;
  $("#version").textContent = state.version;
  document.title = `${state.name} · console`;
  drawScreen();
  drawCameras();
  keyed($("#moment-list"), state.moments, (m) => m.id, makeMoment, drawMoment);
  keyed($("#job-list"), state.jobs, (j) => j.key, makeJob, drawJob);
  keyed($("#program-list"), state.programs, (p) => p.program, makeProgram, drawProgram);
  const { waiting = 0, running = 0, done = 0, failed = 0 } = state.counts;
  $("#queue-counts").textContent = `${running} in the making · ${waiting} waiting · ${done} done · ${failed} failed`;
  const { count, bytes, budget } = state.clips;
  $("#film-total").textContent = `${count} kept · ${size(bytes)} of ${size(budget)}`;
  if (!turning) {
    const form = $("#dial-form");
    form.paused.checked = state.dials.paused;
    if (document.activeElement !== form.language) form.language.value = state.dials.language ?? "";
    if (document.activeElement !== form.tone) form.tone.value = state.dials.tone ?? "";
    form.language.options[0].textContent = `As configured (${{ en: "English", zh: "中文" }[state.configured.language]})`;
    form.tone.options[0].textContent = `As configured (${state.configured.tone ?? `for a ${state.configured.place}`})`;
  }
}

function wellness() {
  const young = (p) => p.state === "missing" && p.age < 60; // the box has just started
  const bad = state.programs.filter((p) => p.problem && !young(p));
  const starting = state.programs.some((p) => young(p) || (p.fresh && p.state === "starting"));
  const slow = state.programs.filter((p) => p.fresh && p.state === "waiting" && p.program !== "serve");
  // Only after more films in a row does a generator itself say that it is failing.
  const barren = state.programs.filter((p) => p.fresh && p.program.startsWith("generate/") && p.stats.failed > 1 && !p.stats.made);
  const said = [
    ...(state.fault ? [state.fault] : []),
    ...bad.map((p) => `${p.program}: ${p.problem}`),
  ];
  trouble(said.join(" · "));
  if (said.length) pill($("#wellness"), "bad", "needs you");
  else if (starting) pill($("#wellness"), "warn", "starting");
  else if (state.dials.paused) pill($("#wellness"), "warn", "generating paused");
  else if (slow.length) pill($("#wellness"), "warn", "working, slowly");
  else if (barren.length) pill($("#wellness"), "warn", "films fail");
  else pill($("#wellness"), "good", "all well");
}

function drawCameras() {
  const select = $("#live-camera");
  const names = state.configured.cameras;
  select.hidden = names.length < 2;
  if (select.options.length !== names.length) select.replaceChildren(...names.map((name) => new Option(name, name)));
}

function drawScreen() {
  const screens = state.screens.filter((s) => s.connected);
  const screen = screens.find((s) => s.key) ?? screens[0];
  const badge = $("#screen-state");
  const film = $("#screen-film");
  const moment = state.moments.find((m) => m.id === screen?.moment);
  if (!screen) {
    pill(badge, "warn", "no screen connected");
    $("#screen-why").replaceChildren("Open the ", link("/", "screen"), " in a browser.");
  } else {
    pill(badge, screen.key ? "good" : "", screens.length > 1 ? `${screens.length} screens` : screen.screen);
    $("#screen-why").textContent = moment ? `Because ${moment.why} (${RUNGS[screen.rung]}).` : sentence(screen.reason);
  }
  // A draft shows here once its film is finished; nobody there, the ambient loop.
  const finished = moment?.wishes.find((wish) => wish.key === screen?.key)?.clip?.url;
  const url = (screen && (screen.film ?? finished ?? (screen.key ? "" : "/api/ambient.mp4"))) || "";
  if ((film.dataset.url ?? "") !== url) {
    film.dataset.url = url;
    if (url) {
      film.src = url;
      film.play().catch(() => {});
    } else {
      film.removeAttribute("src");
      film.load();
    }
  }
  film.hidden = !url;
  $("#screen-calm").hidden = Boolean(url);
  $("#screen-calm span").textContent = !screen ? "–" : screen.key ? (screen.rung === "draft" ? "being made…" : "playing") : "ambient";
}

function makeMoment() {
  const item = template(
    `<li><button class="thumb"><span></span></button><div class="what"><strong></strong><p></p><div class="tags"></div><ul class="faults"></ul><details class="check" hidden><summary></summary><dl></dl></details></div><div class="told"><b></b><small></small></div></li>`,
  );
  preview($(".thumb", item));
  return item;
}

function drawMoment(item, moment) {
  const made = moment.wishes.find((wish) => wish.clip)?.clip ?? null;
  const job = moment.wishes.find((wish) => wish.job && wish.job.status !== "done")?.job;
  const waiting = job ? (job.status === "running" ? `${Math.round(job.progress * 100)} %` : job.status) : "no film";
  thumb($(".thumb", item), made, waiting, moment.why);
  set($("strong", item), moment.why);
  const caption = moment.brief.shots.map((s) => s.caption).find(Boolean);
  set($("p", item), [`${clock(moment.seen)}`, moment.brief.topic, caption && `“${caption}”`].filter(Boolean).join(" · "));
  const first = moment.plays.at(-1);
  const tags = [
    moment.live ? ["good", "live"] : null,
    ["", moment.kind.replace("_", " ")],
    ...[...new Set(moment.plays.map((p) => p.rung))].reverse().map((rung) => ["", RUNGS[rung]]),
    moment.plays.length > 1 ? ["", `played ${moment.plays.length}×`] : null,
  ].filter(Boolean);
  const text = JSON.stringify(tags);
  const box = $(".tags", item);
  if (box.dataset.text !== text) {
    box.dataset.text = text;
    box.replaceChildren(...tags.map(([kind, word]) => pill(document.createElement("span"), kind, word)));
  }
  drawFaults($(".faults", item), moment);
  drawCheck($(".check", item), made, moment.wishes.length > 1);
  set($("b", item), first?.waited == null ? "–" : `${first.waited.toFixed(2)} s`);
  set($(".told small", item), first ? "seen → on screen" : moment.live ? "not yet on screen" : "never shown");
}

/** Why a film that was wished is not there: it was given up, went wrong and will be tried again, or gave way. */
function drawFaults(list, moment) {
  const jobs = moment.wishes.filter((wish) => wish.job?.error && wish.job.status !== "done").map((wish) => wish.job);
  keyed(list, jobs, (job) => job.key, () => document.createElement("li"), (row, job) => {
    const tries = job.attempts > 1 ? ` after ${job.attempts} tries` : "";
    const waits = job.status === "waiting" && !job.attempts; // a try that gave way does not count
    const fates = { failed: `given up${tries}`, expired: "not made in time" };
    row.className = job.status === "failed" ? "bad" : waits ? "waits" : "";
    set(row, `${job.generator}: ${fates[job.status] ?? (waits ? "waits" : "will be tried again")}. ${sentence(job.error)}`);
  }, null);
}

function drawCheck(box, film, named) {
  const rows = film ? measured(film.scores) : [];
  box.hidden = !rows.length;
  if (box.hidden) return;
  const text = JSON.stringify([film.generator, rows]);
  if (box.dataset.text === text) return;
  box.dataset.text = text;
  const few = rows.filter((row) => row.short).map((row) => `${row.short} ${row.value}`);
  const passed = `${named ? `${film.generator}: c` : "C"}heck passed`;
  $("summary", box).textContent = [passed, ...few].join(" · ");
  define($("dl", box), rows.map((row) => [row.name, row.value]));
}

/** The scores of a film as rows { name, value, short }; one that this page does not know goes last, as it is called. */
function measured(scores) {
  const known = Object.keys(SCORES).filter((key) => key in scores);
  const others = Object.keys(scores).filter((key) => !(key in SCORES)).sort();
  return [
    ...known.map((key) => ({ ...SCORES[key], value: SCORES[key].show(scores[key]) })),
    ...others.map((key) => ({ name: key, value: number(scores[key]) })),
  ];
}

function define(list, rows) {
  list.replaceChildren(
    ...rows.flatMap(([name, value]) => [
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    ]),
  );
}

const makeJob = () => template(`<li><div><strong></strong><small></small></div><span></span><progress max="1"></progress></li>`);

function drawJob(item, job) {
  set($("strong", item), job.topic);
  const bits = [job.generator, `asked ${ago(Date.now() / 1000 + lateness - job.created)} ago`];
  if (job.attempts > 1) bits.push(`try ${job.attempts}`);
  if (job.error) bits.push(job.error);
  set($("small", item), bits.join(" · "));
  const kinds = { running: "warn", done: "good", failed: "bad" };
  const words = { running: `${Math.round(job.progress * 100)} %` };
  pill($("span", item), kinds[job.status] ?? "", words[job.status] ?? job.status);
  const bar = $("progress", item);
  bar.hidden = job.status !== "running";
  bar.value = job.progress;
  bar.setAttribute("aria-label", `Progress of ${job.topic}`);
}

const makeProgram = () => template(`<li><div><strong></strong><small></small></div><span></span></li>`);

function drawProgram(item, program) {
  set($("strong", item), program.program);
  const heard = program.state === "missing" ? program.problem : `last heard of ${ago(program.age)} ago`;
  set($("small", item), program.fresh ? program.detail || "–" : heard);
  const kinds = { running: "good", starting: "warn", waiting: "warn", failing: "bad" };
  const word = program.fresh || program.state === "missing" ? program.state : "silent";
  pill($("span", item), program.problem ? "bad" : (kinds[program.state] ?? ""), word);
}

function makeFilm() {
  const item = template(`<li><button class="thumb"><span></span></button><p></p><small></small></li>`);
  preview($(".thumb", item));
  return item;
}

function drawFilms(films) {
  keyed($("#film-list"), films, (f) => `${f.key}/${f.take}`, makeFilm, (item, film) => {
    thumb($(".thumb", item), film, "", film.topic);
    set($("p", item), film.topic);
    set($("small", item), `${film.seconds.toFixed(1)} s · ${size(film.size)} · ${film.generator}`);
  });
}

function drawPlays(plays) {
  keyed($("#play-list"), plays, (p) => p.id, () => document.createElement("tr"), (row, play) => {
    const cells = [
      clock(play.started),
      play.screen,
      play.cause || "–",
      RUNGS[play.rung] ?? play.rung,
      play.waited == null ? "–" : `${play.waited.toFixed(2)} s`,
      play.ended ? `${(play.ended - play.started).toFixed(1)} s` : "on screen",
    ];
    if (row.children.length !== cells.length) row.replaceChildren(...cells.map(() => document.createElement("td")));
    cells.forEach((text, i) => set(row.children[i], text));
  }, $("#plays .empty"));
}

// ---- parts

/** Draw `items` into `list`, one child each, in order; children are kept by key, so that focus and hover stay. */
function keyed(list, items, key, make, fill, empty = list.parentElement.querySelector(".empty")) {
  const there = new Map([...list.children].map((child) => [child.dataset.key, child]));
  items.forEach((item, index) => {
    const name = key(item);
    const child = there.get(name) ?? make();
    child.dataset.key = name;
    there.delete(name);
    if (list.children[index] !== child) list.insertBefore(child, list.children[index] ?? null);
    fill(child, item);
  });
  for (const gone of there.values()) gone.remove();
  if (empty) empty.hidden = items.length > 0;
}

function thumb(button, film, waiting, label) {
  const url = film?.still ?? "";
  button.disabled = !film;
  button.film = film;
  button.why = label;
  button.setAttribute("aria-label", film ? `Play the film: ${label}` : `No film yet: ${label}`);
  if (button.dataset.url !== url) {
    button.dataset.url = url;
    button.replaceChildren(document.createElement("span"));
    if (url) {
      const picture = new Image();
      picture.loading = "lazy";
      picture.alt = "";
      picture.src = url;
      picture.onerror = () => picture.remove();
      button.append(picture);
    }
  }
  set($("span", button), film ? "▶" : waiting);
}

/** Play in place while the pointer or the focus is on it; open large on click. */
function preview(button) {
  const start = () => {
    if (!button.film || $("video", button)) return;
    const video = Object.assign(document.createElement("video"), { muted: true, loop: true, playsInline: true });
    video.src = button.film.url;
    button.append(video);
    video.play().catch(() => {});
  };
  const stop = () => {
    const video = $("video", button);
    if (!video) return;
    video.pause();
    video.removeAttribute("src");
    video.load();
    video.remove();
  };
  button.addEventListener("pointerenter", start);
  button.addEventListener("pointerleave", stop);
  button.addEventListener("focus", start);
  button.addEventListener("blur", stop);
  button.addEventListener("click", () => button.film && open(button.film, button.why));
}

function open(film, why) {
  const dialog = $("#film");
  $("h2", dialog).textContent = film.topic;
  const moment = state?.moments.find((m) => m.wishes.some((w) => w.key === film.key));
  $(".why", dialog).textContent = moment ? `Because ${moment.why}.` : why === film.topic ? "" : sentence(why);
  define($("dl", dialog), [
    ["Length", seconds(film.seconds)],
    ["Size", size(film.size)],
    ["Generator", film.generator],
    ["Made", new Date(film.made * 1000).toLocaleString()],
    ["Key", `${film.key}, take ${film.take}`],
  ]);
  const rows = measured(film.scores);
  $("details", dialog).hidden = !rows.length;
  define($("details dl", dialog), rows.map((row) => [row.name, row.value]));
  const video = $("video", dialog);
  video.src = film.url;
  video.muted = false; // whoever opened it wants to hear what it sounds of
  dialog.showModal();
  video.play().catch(() => {
    video.muted = true;
    video.play().catch(() => {});
  });
}

$("#film").addEventListener("close", (event) => {
  const video = $("video", event.target);
  video.pause();
  video.removeAttribute("src");
  video.load();
});
$("#film").addEventListener("click", (event) => {
  if (event.target === event.currentTarget) event.target.close();
});

function link(href, text) {
  return Object.assign(document.createElement("a"), { href, textContent: text, target: "_blank", rel: "noopener" });
}

function trouble(text) {
  const node = $("#trouble");
  set(node, text);
  node.hidden = !text;
}

const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".") : "");
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });
const size = (bytes) => (bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`);

/** Two digits that say something: "0.3 %", "12 %". */
function percent(share) {
  const value = share * 100;
  return `${Math.abs(value) < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} %`;
}

function number(value) {
  return String(Number(Number(value).toPrecision(3)));
}

function seconds(value) {
  return `${value.toFixed(1)} s`;
}

function ago(seconds) {
  if (seconds < 1) return "a moment";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

// ---- doing

$("#ask-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const button = $("button", form);
  const answer = $("#ask-answer");
  button.disabled = true;
  try {
    const { brief, paused } = await ask("POST", "/api/ask", { text: form.text.value });
    const caption = brief.shots.map((shot) => shot.caption).filter(Boolean).join(" ");
    answer.className = "";
    answer.textContent = `Understood: ${brief.topic}${caption ? `. “${caption}”` : ""}${paused ? " Generating is paused: only a kept film can answer." : ""}`;
    form.reset();
    look();
  } catch (error) {
    answer.className = "bad";
    answer.textContent = sentence(error.message);
  } finally {
    answer.hidden = false;
    button.disabled = false;
  }
});

$("#dial-form").addEventListener("change", async (event) => {
  const form = event.currentTarget;
  turning = true;
  try {
    await ask("PUT", "/api/dials", {
      paused: form.paused.checked,
      language: form.language.value || null,
      tone: form.tone.value || null,
    });
  } catch (error) {
    trouble(`The dial could not be turned: ${error.message}`);
  } finally {
    turning = false;
    look();
  }
});

const live = new LiveView($("#live"));
$("#live-camera").addEventListener("change", (event) => live.watch(event.target.value));
document.addEventListener("visibilitychange", look);
look();
lookAtFilms();
setInterval(look, LOOK);
setInterval(lookAtFilms, FILMS);
