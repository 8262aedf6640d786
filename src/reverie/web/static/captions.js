// The words of films that have none in their pictures (a diffusion model's): each shot's caption, in its time,
// where and how a storyboard's own would stand. A layer a film, so that words fade with their film.

const LOOK = 100; // ms between two looks at the film's time
const SWAP = 0.2; // seconds in which the words of one shot give way to the next's
const SIZES = [1, 0.9, 0.8, 0.72]; // tried in turn until two lines are enough
const AT_END = 0.15; // seconds from its end at which a film's last words stay on with its last picture

export class Captions {
  #root;
  #layer = null; // { node, cue, video, words: the element now on, caption }

  constructor(root) {
    this.#root = root;
    setInterval(() => this.#follow(), LOOK);
    addEventListener("resize", () => this.#place());
  }

  /** The film of `cue` comes on, in `video`: its words replace those of the film before, as fast as it does. */
  show(cue, video) {
    this.clear(cue.fade);
    if (!cue.captions?.length || !video) return;
    const node = document.createElement("div");
    node.className = "film";
    node.append(Object.assign(document.createElement("i"), { className: "shade" }));
    this.#root.append(node);
    this.#layer = { node, cue, video, words: null, caption: null };
    this.#place();
    this.#follow();
    fade(node, 0, 1, cue.fade);
  }

  /** No words from now on. */
  clear(seconds) {
    if (this.#layer) leave(this.#layer.node, seconds);
    this.#layer = null;
  }

  #follow() {
    const layer = this.#layer;
    if (!layer) return;
    const { cue, video } = layer;
    if (video.film?.cue !== cue) {
      this.clear(SWAP); // it was let go of without another film: the ambient one is on
      return;
    }
    const time = video.currentTime;
    const ends = (c) => (c.to >= cue.seconds - AT_END ? Infinity : c.to);
    const caption = cue.captions.find((c) => c.from <= time && time < ends(c)) ?? null;
    if (caption === layer.caption) return;
    layer.caption = caption;
    if (layer.words) leave(layer.words, SWAP);
    layer.words = caption && this.#enter(layer.node, caption.text);
    layer.node.classList.toggle("silent", !caption);
  }

  #enter(node, text) {
    const words = document.createElement("p");
    const line = document.createElement("span");
    line.textContent = text;
    if (/[\u2e80-\u9fff\uf900-\uff60]/.test(text)) words.lang = "zh";
    words.append(line);
    node.append(words);
    fit(line);
    return words;
  }

  /** Lay the layer exactly over the film's picture, which the stage shows whole. */
  #place() {
    if (!this.#layer) return;
    const { node, video, words } = this.#layer;
    const scale = Math.min(innerWidth / (video.videoWidth || 4), innerHeight / (video.videoHeight || 3));
    node.style.width = `${(video.videoWidth || 4) * scale}px`;
    node.style.height = `${(video.videoHeight || 3) * scale}px`;
    if (words) fit(words.firstElementChild);
  }
}

/**
 * The largest size at which the words take two lines; what is longer even in the smallest ends with an ellipsis.
 * Chinese rather breaks after its punctuation than within a word, for which it may be a little smaller.
 */
function fit(line) {
  const whole = line.parentElement.lang === "zh" ? SIZES.slice(0, 2).map((size) => [size, "keep-all"]) : [];
  for (const [size, breaks] of [...whole, ...SIZES.map((size) => [size, "normal"])]) {
    line.style.setProperty("--size", size);
    line.style.wordBreak = breaks;
    if (line.scrollHeight <= line.clientHeight + 1) return;
  }
}

function fade(node, from, to, seconds) {
  node.style.opacity = to;
  if (!seconds || document.hidden) return Promise.resolve();
  const fading = node.animate([{ opacity: from }, { opacity: to }], { duration: seconds * 1000, easing: "linear" });
  return fading.finished.then(() => undefined, () => undefined);
}

function leave(node, seconds) {
  fade(node, getComputedStyle(node).opacity, 0, seconds).then(() => node.remove());
}
