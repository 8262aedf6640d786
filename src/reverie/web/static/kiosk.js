// The kiosk: cues → stage → proof of play. Works without the server on what it has kept.

import { Captions } from "./captions.js";
import { Cues } from "./cues.js";
import { Films } from "./films.js";
import { Proof } from "./proof.js";
import { Stage, Superseded } from "./stage.js";

const ALONE = 2_500; // ms without a server before the screen helps itself
const UNANSWERED = 3_000; // ms after a film's end for the next cue
const TOLD = 20_000; // ms that the screen says why it is silent
const MARKS = 2_000;

const marks = [];
const screen = screenName();
const films = new Films();
const proof = new Proof();
const stage = new Stage(document.getElementById("stage"), films, { onended, onfault, onsilenced });
const cues = new Cues(screen, { cue: follow, next: prepare, online, offline });
const captions = new Captions(document.getElementById("captions"));
let playing = null; // the cue whose play was told and has not ended
let hint = null;
let aloneTimer = 0;

/** For benches: every cue with its times in milliseconds since 1970 (`displayed`: first picture), and the state. */
window.__reverie = {
  marks,
  screen,
  get cue() {
    return stage.cue;
  },
  get online() {
    return cues.online;
  },
  get unsent() {
    return proof.waiting;
  },
};

async function follow(cue, arrived) {
  const mark = { id: cue.id, kind: cue.kind, rung: cue.rung, key: cue.key, moment: cue.moment };
  mark.opened = cue.opened && cue.opened * 1000;
  mark.sent = cue.now * 1000;
  mark.arrived = performance.timeOrigin + arrived;
  marks.push(mark);
  marks.splice(0, marks.length - MARKS);
  try {
    if (cue.kind === "ambient") {
      remember("reverie-ambient", cue.url ?? "");
      mark.displayed = performance.timeOrigin + (await stage.rest(cue.url, cue.fade));
      end();
      captions.clear(cue.fade);
    } else {
      mark.displayed = performance.timeOrigin + (await stage.show(cue));
      end();
      start(cue);
      captions.show(stage.cue, videoOf(stage.cue)); // a draft that was done meanwhile plays as the finished film
      if (cue.kind === "clip") films.get(cue.url).catch(() => {}); // keep it for a day without the server
    }
  } catch (error) {
    if (error instanceof Superseded) return;
    mark.error = String(error.message);
    report(cue, error);
    return;
  }
  prepare(cue.next);
}

function prepare(film) {
  hint = film;
  if (film) stage.prepare(film.url);
}

function start(cue) {
  if (cue.id === null) return; // shown by the screen's own choice: nothing to prove
  playing = cue;
  const { id, key, take, rung, moment } = cue;
  proof.tell(id, "/api/plays", { id, screen, key, take, rung, moment, ago: 0 });
}

function end() {
  if (playing) proof.tell(playing.id, `/api/plays/${playing.id}/end`, { ago: 0 });
  playing = null;
}

function onended(cue) {
  if (cue.kind === "clip" && cue.seconds && cue.id !== null) {
    const video = videoOf(cue);
    if (video && video.currentTime < cue.seconds * 0.8 - 0.2) {
      report(cue, { kind: "decode", message: `ended at ${video.currentTime.toFixed(2)} of ${cue.seconds} s` });
      return;
    }
  }
  end();
  if (!cues.online) alone();
  else setTimeout(() => stage.cue === cue && alone(), UNANSWERED); // connected, yet nothing comes
}

function onfault(cue, error) {
  report(cue, error);
}

let silencedTimer = 0;
/** The browser forbids sound until the page is touched: say so for a while, where the operator will see it. */
function onsilenced() {
  document.body.classList.add("silenced");
  if (silencedTimer) return; // once: who does not mind is not told with every film
  silencedTimer = setTimeout(() => document.body.classList.add("told"), TOLD);
}

/** Somebody touched the page: from now on the browser lets films be heard. */
function touched() {
  document.body.classList.remove("silenced");
  stage.allow();
}

/** Tell the server what could not be played: the next cue is its answer. */
function report(cue, error) {
  if (playing?.id === cue.id) playing = null;
  if (cue.url) films.drop(cue.url);
  if (cue.kind === "ambient" || cue.id === null) return;
  const { key, take } = cue;
  const detail = String(error.message ?? "").slice(0, 500);
  proof.tell(cue.id, `/api/plays/${cue.id}/error`, { key, take, kind: error.kind ?? "network", detail });
}

function online() {
  clearTimeout(aloneTimer);
  document.body.classList.remove("offline");
  note();
  proof.flush();
}

function offline() {
  document.body.classList.add("offline");
  note();
  clearTimeout(aloneTimer);
  aloneTimer = setTimeout(() => {
    if (!cues.online && !playing) alone();
  }, ALONE);
}

/** No server: the ambient film it last gave; without one, the films that are kept, one after the other. */
async function alone() {
  const ambient = recall("reverie-ambient");
  try {
    if (ambient && (await films.get(ambient).catch(() => null))) {
      await stage.rest(ambient, 0.5);
      captions.clear(0.5);
      return;
    }
    const kept = await films.kept();
    if (!kept.length) {
      await stage.rest(null, 0.5);
      captions.clear(0.5);
      return;
    }
    const before = kept.indexOf(stage.cue?.url);
    const url = kept[(before + 1) % kept.length];
    await films.get(url);
    await stage.show({ id: null, kind: "clip", url, key: "", take: 0, fade: 0.5, offset: 0, seconds: 0 });
    captions.clear(0.5);
  } catch {
    // a newer cue came, or a kept film is broken: the next end or cue goes on
  }
}

/** The element that plays a cue's film; undefined once it is let go of. */
function videoOf(cue) {
  return [...document.querySelectorAll("#stage video")].find((v) => v.film?.cue === cue);
}

// ---- the place: screen name, operator, wake lock, service worker

function screenName() {
  const asked = new URLSearchParams(location.search).get("screen");
  if (asked && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(asked)) return asked;
  let name = recall("reverie-screen");
  if (!name) remember("reverie-screen", (name = "screen-" + Math.random().toString(36).slice(2, 8)));
  return name;
}

function note() {
  document.querySelector("#note span").textContent = cues.online ? screen : `${screen} · reconnecting`;
}

let operatorTimer = 0;
function operator() {
  document.body.classList.add("operator");
  clearTimeout(operatorTimer);
  operatorTimer = setTimeout(() => document.body.classList.remove("operator"), 4_000);
}

async function stayAwake() {
  try {
    if (document.visibilityState === "visible") await navigator.wakeLock?.request("screen");
  } catch {
    // not allowed here: the operating system's own setting must do
  }
}

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // no storage: a reload starts from nothing
  }
}

addEventListener("pointermove", operator);
addEventListener("keydown", operator);
for (const touch of ["pointerup", "keydown"]) addEventListener(touch, touched);
addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}));
document.addEventListener("visibilitychange", stayAwake);
stayAwake();
note();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});

// Before the first caption: Chromium does not always draw a text anew whose font comes late.
document.fonts.load('700 20px "Reverie"', "a一").catch(() => {});

// The last ambient film at once: something to see before the first cue, and a warm decoder.
const first = recall("reverie-ambient");
if (first) stage.rest(first, 0).catch(() => {});
aloneTimer = setTimeout(() => {
  if (!cues.online) alone();
}, ALONE);
cues.open();
