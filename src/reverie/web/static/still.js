// The picture that zones are drawn on: taken when asked for, or once a second while it is to be live.

const LIVE = 1_000;
const AGAIN = 5_000; // while there is none yet

export class Still {
  allowed = true; // as the server says: see serve.live_view
  watched = null; // whether a camera program had one; null: not asked yet
  #root;
  #picture;
  #note;
  #sized;
  #camera = "";
  #url = "";
  #timer = 0;
  #turn = 0;

  /** `sized(width, height)` is told the picture's size in pixels. */
  constructor(root, sized) {
    this.#root = root;
    this.#picture = root.querySelector("#picture");
    this.#note = root.querySelector("#picture-note");
    this.#sized = sized;
    root.querySelector("#renew").addEventListener("click", () => this.take());
    root.querySelector("#follow").addEventListener("change", () => this.take());
    document.addEventListener("visibilitychange", () => document.hidden || this.#settle());
  }

  /** Show what `camera` sees. */
  watch(camera) {
    this.#camera = camera;
    this.#clear();
    this.take();
  }

  /** Ask for a picture now. */
  async take() {
    clearTimeout(this.#timer);
    const turn = (this.#turn += 1);
    for (const tool of this.#root.querySelectorAll("#renew, .live")) tool.hidden = !this.allowed;
    if (!this.allowed) return this.#lack("The live view is off here (serve.live_view): you draw without a picture.");
    this.#root.classList.add("asking");
    let said = "";
    let blob = null;
    try {
      const answer = await fetch(`/api/zones/${encodeURIComponent(this.#camera)}/still`);
      if (answer.ok) blob = await answer.blob();
      else said = (await answer.json().catch(() => ({}))).error ?? `status ${answer.status}`;
    } catch {
      said = "the server does not answer";
    }
    if (turn !== this.#turn) return; // another camera, or another asking, since
    this.#root.classList.remove("asking");
    this.watched = Boolean(blob);
    if (blob) await this.#show(blob);
    else if (!this.#url) this.#lack(`No picture: ${said}. You can draw all the same.`);
    this.#settle();
  }

  #settle() {
    clearTimeout(this.#timer);
    const live = this.#root.querySelector("#follow").checked;
    if (document.hidden || !this.allowed || (!live && this.#url)) return;
    this.#timer = setTimeout(() => this.take(), live && this.#url ? LIVE : AGAIN);
  }

  async #show(blob) {
    const url = URL.createObjectURL(blob);
    const fresh = new Image();
    fresh.src = url;
    try {
      await fresh.decode(); // before it takes the old one's place: no flicker
    } catch {
      URL.revokeObjectURL(url);
      return;
    }
    this.#picture.src = url;
    this.#picture.hidden = false;
    this.#note.hidden = true;
    this.#sized(fresh.naturalWidth, fresh.naturalHeight);
    URL.revokeObjectURL(this.#url);
    this.#url = url;
  }

  #lack(text) {
    this.#note.textContent = text;
    this.#note.hidden = false;
    this.#sized(640, 480);
  }

  #clear() {
    URL.revokeObjectURL(this.#url);
    this.#url = "";
    this.watched = null;
    this.#picture.hidden = true;
    this.#picture.removeAttribute("src");
    this.#note.textContent = "Waiting for a picture…";
    this.#note.hidden = false;
    this.#sized(640, 480);
  }
}
