// Stacked <video> elements: one shows, one is prepared for what likely comes next, one is free. Below them the
// ambient film, which is never let go. A film is revealed only when its first picture is there, above the old one,
// and the old one is let go only when the new one covers it: so nothing shows through in between.

import { NoDraft, follow } from "./draft.js";

const PATIENCE = { clip: 3_000, draft: 8_000, ambient: 3_000 }; // ms for a first picture
const FROZEN = { clip: 5_000, draft: 10_000 }; // ms without progress before a film counts as stuck

/** Why a film cannot be played: kind is "decode", "timeout" or "network". */
export class FilmError extends Error {
  constructor(kind, detail) {
    super(detail);
    this.kind = kind;
  }
}

/** A newer film was asked for meanwhile: nothing is wrong. */
export class Superseded extends Error {}

export class Stage {
  #films;
  #videos;
  #ambient;
  #ambientUrl = null;
  #front = null;
  #prepared = null; // { url, video, ready }
  #turn = 0;

  /**
   * `onended(cue)` when the film on stage is at its end, `onfault(cue, error)` when it breaks while it plays,
   * `onsilenced()` when the browser lets none be heard before somebody has touched the page.
   */
  constructor(root, films, { onended, onfault, onsilenced }) {
    this.#films = films;
    this.onended = onended;
    this.onfault = onfault;
    this.onsilenced = onsilenced;
    this.#ambient = element(root, "ambient");
    this.#ambient.loop = true;
    this.#videos = [element(root), element(root), element(root)];
    setInterval(() => this.#watch(), 1_000);
  }

  /** The cue on stage; null while only the ambient film or the calm is. */
  get cue() {
    return this.#front?.film.cue ?? null;
  }

  /** Load a finished film into a hidden element, paused on its first picture. */
  async prepare(url) {
    if (this.#prepared?.url === url) return;
    this.#unprepare();
    const turn = this.#turn;
    let blob;
    try {
      blob = await this.#films.get(url);
    } catch {
      return; // it is only a guess
    }
    const video = this.#videos.find((v) => !v.film);
    if (turn !== this.#turn || this.#prepared || !video) return;
    const mine = { url, video, ready: false };
    this.#prepared = mine;
    video.film = { cue: null, abort: null, url: null };
    const shown = firstPicture(video);
    load(video, blob);
    await shown;
    if (this.#prepared === mine) mine.ready = true;
  }

  /**
   * Put a film on stage. Resolves with the time (performance.now) of its first picture; rejects with FilmError, or
   * Superseded when another cue came first. What was on stays on until then.
   */
  async show(cue) {
    const turn = ++this.#turn;
    const prepared = this.#prepared;
    if (prepared?.url === cue.url && prepared.ready && !cue.offset) {
      this.#prepared = null;
      prepared.video.film.cue = cue;
      tune(prepared.video, cue);
      this.#start(prepared.video);
      this.#reveal(prepared.video, cue.fade);
      return await frame();
    }
    const video = this.#free();
    const abort = new AbortController();
    video.film = { cue, abort, url: null };
    tune(video, cue);
    const broken = new Promise((_, reject) => {
      video.onerror = () => reject(fault(video));
    });
    const shown = firstPicture(video, () => this.#start(video));
    try {
      if (cue.kind === "draft") {
        const fed = follow(video, cue.url, abort.signal);
        fed.catch((error) => this.#cut(video, cue, error));
        await within(Promise.race([shown, broken, fed.then(() => shown)]), PATIENCE.draft);
      } else {
        load(video, this.#films.peek(cue.url) ?? cue.url);
        if (cue.offset) video.currentTime = cue.offset;
        this.#start(video);
        await within(Promise.race([shown, broken]), PATIENCE.clip);
      }
    } catch (error) {
      const mine = video.film?.cue === cue;
      if (mine) release(video);
      if (turn !== this.#turn || !mine) throw new Superseded();
      if (error instanceof NoDraft && error.alternate) {
        return this.show({ ...cue, kind: "clip", url: error.alternate });
      }
      throw asFault(error);
    }
    if (turn !== this.#turn || video.film?.cue !== cue) {
      if (video.film?.cue === cue) release(video);
      throw new Superseded();
    }
    this.#reveal(video, cue.fade);
    return performance.now();
  }

  /** Back to the ambient film at `url` (null: the calm below it), which stays loaded for ever. */
  async rest(url, fade) {
    const turn = ++this.#turn;
    const ambient = this.#ambient;
    if (url && url !== this.#ambientUrl) {
      const blob = await this.#films.get(url).catch(() => null);
      if (blob) {
        if (ambient.film) release(ambient);
        ambient.film = { cue: null, abort: null, url: null };
        const shown = firstPicture(ambient);
        load(ambient, blob);
        ambient.play().catch(() => {});
        await within(shown, PATIENCE.ambient).then(
          () => {
            this.#ambientUrl = url;
            document.body.classList.add("covered");
          },
          () => release(ambient),
        );
      }
    } else if (this.#ambientUrl && ambient.paused) {
      const shown = firstPicture(ambient);
      ambient.play().catch(() => {});
      await within(shown, 500).catch(() => {});
    }
    if (turn !== this.#turn) throw new Superseded();
    // First the ambient film below, then what is above it goes: nothing shows through in between.
    if (this.#ambientUrl && ambient.style.opacity !== "1") await fadeTo(ambient, 1, fade);
    if (turn !== this.#turn) throw new Superseded();
    const old = this.#front;
    this.#front = null;
    if (old) {
      hush(old, fade);
      this.#leave(old, fadeTo(old, 0, fade));
    }
    return performance.now();
  }

  /** Somebody has touched the page: what is on may be heard from now on. */
  allow() {
    const video = this.#front;
    if (video?.film?.cue?.volume) video.muted = false;
  }

  /** Play; where the browser forbids sound, play all the same, silently, and tell. */
  #start(video) {
    const film = video.film;
    video.play().catch((error) => {
      if (error.name !== "NotAllowedError" || video.muted || video.film !== film) return;
      video.muted = true;
      video.play().catch(() => {});
      this.onsilenced();
    });
  }

  #reveal(video, fade) {
    const old = this.#front;
    this.#front = video;
    for (const v of this.#videos) v.style.zIndex = v === video ? 3 : v === old ? 2 : 1;
    video.onended = () => {
      if (this.#front === video) this.onended(video.film.cue);
    };
    video.onerror = () => {
      if (this.#front === video) this.onfault(video.film.cue, fault(video));
    };
    const covered = fadeTo(video, 1, fade);
    if (old && old !== video) {
      hush(old, fade);
      this.#leave(old, covered);
    }
    covered.then(() => {
      if (this.#front === video) this.#dim();
    });
  }

  /** Below a film the ambient one rests, out of sight: beside a narrower film it would only distract. */
  #dim() {
    this.#ambient.pause();
    fadeTo(this.#ambient, 0, 0.5);
  }

  /** Let go of what was on stage, two frames after it is covered or gone. */
  #leave(video, covered) {
    const film = video.film;
    covered.then(frame).then(frame).then(() => {
      if (video.film === film && this.#front !== video) release(video);
    });
  }

  /** A draft that ends early: on stage that is a fault; before its first picture `show` tells. */
  #cut(video, cue, error) {
    if (this.#front === video && video.film?.cue === cue) this.onfault(cue, asFault(error));
  }

  #free() {
    const idle = this.#videos.find((v) => !v.film);
    if (idle) return idle;
    this.#unprepare();
    const spare =
      this.#videos.find((v) => !v.film) ?? this.#videos.find((v) => v !== this.#front && v.style.zIndex !== "2")
      ?? this.#videos.find((v) => v !== this.#front);
    if (spare.film) release(spare);
    return spare;
  }

  #unprepare() {
    if (this.#prepared) release(this.#prepared.video);
    this.#prepared = null;
  }

  /** A film on stage whose time stands still is stuck: browsers do not always say so. */
  #watch() {
    const video = this.#front;
    if (!video?.film?.cue || video.ended || document.hidden) return;
    const film = video.film;
    const now = performance.now();
    if (film.time !== video.currentTime) {
      film.time = video.currentTime;
      film.moved = now;
    } else if (now - film.moved > FROZEN[film.cue.kind] && !film.told) {
      film.told = true;
      this.onfault(film.cue, new FilmError("timeout", `stuck at ${video.currentTime.toFixed(2)} s`));
    }
  }
}

/** The next composited frame. */
export const frame = () =>
  new Promise((resolve) => {
    // A hidden page draws no frames; a timer keeps it from waiting for ever.
    const timer = setTimeout(() => resolve(performance.now()), 250);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      resolve(performance.now());
    });
  });

function element(root, name = "") {
  const video = document.createElement("video");
  video.className = name;
  video.muted = video.playsInline = video.disableRemotePlayback = true;
  video.preload = "auto";
  video.film = null;
  root.append(video);
  return video;
}

function load(video, film) {
  if (typeof film === "string") {
    video.src = film;
  } else {
    video.film.url = URL.createObjectURL(film);
    video.src = video.film.url;
  }
}

/** As loud as the cue says; without a volume a film is muted, whatever it has. */
function tune(video, cue) {
  video.volume = cue.volume || 1;
  video.muted = !cue.volume;
}

/** What is being covered falls silent meanwhile: two films at once would be noise. */
function hush(video, seconds) {
  const film = video.film;
  const loud = video.volume;
  const began = performance.now();
  const lower = () => {
    if (video.film !== film || video.muted) return;
    const left = 1 - (performance.now() - began) / (1000 * Math.max(seconds, 0.05));
    video.volume = Math.max(0, loud * left);
    if (left > 0) setTimeout(lower, 20);
  };
  lower();
}

/** All of it, in this order, or the browser keeps the film's memory. */
function release(video) {
  const film = video.film;
  video.film = null;
  video.onended = video.onerror = null;
  film?.abort?.abort();
  for (const animation of video.getAnimations()) animation.cancel();
  video.style.opacity = 0;
  video.style.zIndex = 0;
  video.pause();
  video.muted = true;
  video.volume = 1;
  if (film?.url) URL.revokeObjectURL(film.url);
  video.removeAttribute("src");
  video.load();
}

/** When the element's next picture is presented; a hidden page presents none, so there playing is enough. */
function firstPicture(video, start = () => video.play().catch(() => {})) {
  return new Promise((resolve) => {
    video.requestVideoFrameCallback((now) => resolve(now));
    video.addEventListener("playing", () => document.hidden && resolve(performance.now()), { once: true });
  }).then((now) => {
    if (video.paused && video.film?.cue) start();
    return now;
  });
}

function fadeTo(video, opacity, seconds) {
  const from = getComputedStyle(video).opacity;
  video.style.opacity = opacity;
  if (!seconds || document.hidden) return frame();
  const fade = video.animate([{ opacity: from }, { opacity }], { duration: seconds * 1000, easing: "linear" });
  return fade.finished.then(() => undefined, () => undefined);
}

function within(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new FilmError("timeout", `no picture after ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function fault(video) {
  const { code = 0, message = "" } = video.error ?? {};
  return new FilmError(code === 2 ? "network" : "decode", `media error ${code} ${message}`.trim());
}

function asFault(error) {
  if (error instanceof FilmError) return error;
  return new FilmError(error.name === "TimeoutError" ? "timeout" : "network", String(error.message ?? error));
}
