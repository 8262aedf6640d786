// The camera, live: JPEGs over a WebSocket, drawn as they come, asked for only while somebody sees them.

const AGAIN = 2_000;
const PATIENCE = 10_000; // how long the last picture may stand before it is said that there are no more

export class LiveView {
  #canvas;
  #state;
  #note;
  #socket = null;
  #camera = "";
  #seen = false;
  #drawing = false;
  #timer = 0;
  #pictured = -Infinity; // when the last picture came, performance.now()

  constructor(root) {
    this.#canvas = root.querySelector("canvas");
    this.#state = root.querySelector("#live-state");
    this.#note = root.querySelector("#live-note");
    new IntersectionObserver(([entry]) => {
      this.#seen = entry.isIntersecting;
      this.#settle();
    }).observe(root);
    document.addEventListener("visibilitychange", () => this.#settle());
  }

  /** Look through another camera, by its name. */
  watch(camera) {
    this.#camera = camera;
    this.#socket?.close();
  }

  get #wanted() {
    return this.#seen && !document.hidden;
  }

  #settle() {
    clearTimeout(this.#timer);
    if (this.#wanted && !this.#socket) this.#open();
    if (!this.#wanted && this.#socket) this.#socket.close();
  }

  #open() {
    const socket = new WebSocket(`${location.protocol.replace("http", "ws")}//${location.host}/api/live?${new URLSearchParams({ camera: this.#camera })}`);
    socket.binaryType = "blob";
    this.#socket = socket;
    let spoken = false;
    socket.onmessage = ({ data }) => {
      spoken = true;
      if (typeof data === "string") this.#lack("waiting", "warn", "The camera program is not running.");
      else this.#draw(data);
    };
    const camera = this.#camera;
    socket.onclose = () => {
      this.#socket = null;
      if (camera !== this.#camera) return this.#settle();
      if (this.#wanted) this.#lack("off", "", spoken ? "The live view has ended." : "The live view is off here (serve.live_view), or the server is away.");
      else this.#rest();
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#settle(), AGAIN);
    };
  }

  async #draw(blob) {
    if (this.#drawing) return; // a slow page shows fewer pictures, never old ones
    this.#drawing = true;
    try {
      const picture = await createImageBitmap(blob);
      const canvas = this.#canvas;
      if (canvas.width !== picture.width || canvas.height !== picture.height) {
        canvas.width = picture.width;
        canvas.height = picture.height;
      }
      canvas.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      this.#pictured = performance.now();
      this.#say("live", "good", "");
    } catch {
      // not a picture: the next one will be
    } finally {
      this.#drawing = false;
    }
  }

  /** No picture came: say why, but only once the last one is old. A busy box is slow, and then goes on. */
  #lack(word, kind, note) {
    if (performance.now() - this.#pictured < PATIENCE) this.#say("slow", "warn", "");
    else this.#say(word, kind, note);
  }

  /** Nobody looks: an old picture must not stand there when somebody does again. */
  #rest() {
    this.#pictured = -Infinity;
    this.#say("paused", "", "Shown while you look.");
  }

  #say(word, kind, note) {
    this.#state.className = `pill ${kind}`.trim();
    this.#state.textContent = word;
    this.#note.textContent = note;
    this.#note.hidden = !note;
    this.#canvas.hidden = Boolean(note);
  }
}
