// Proof of play: told in order, kept over reloads until the server has it, with how long ago it was.

const KEY = "reverie-proof";
const MOST = 500; // a day of a busy screen without its server; then the oldest go
const AGAIN = 5_000;

export class Proof {
  #queue = read();
  #sending = false;

  constructor() {
    setInterval(() => this.flush(), AGAIN);
  }

  /** POST `body` to `path`, now or when the server is back; `play` is what it is about. */
  tell(play, path, body) {
    this.#queue.push({ play, path, body, at: Date.now() });
    this.#queue.splice(0, this.#queue.length - MOST);
    write(this.#queue);
    return this.flush();
  }

  get waiting() {
    return this.#queue.length;
  }

  async flush() {
    if (this.#sending) return;
    this.#sending = true;
    // A server that cannot keep it now (a full disk) is told all of it, so that the screen goes on, and each play's
    // story again from its first untold part, so that none begins with its end.
    const unkept = new Set();
    try {
      for (let next = 0; next < this.#queue.length; ) {
        const { play, path, body, at } = this.#queue[next];
        const told = "ago" in body ? { ...body, ago: Math.max(0, (Date.now() - at) / 1000) + body.ago } : body;
        const answer = await fetch(path, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(told),
          keepalive: true,
        });
        if (answer.status >= 500) unkept.add(play);
        if (unkept.has(play)) {
          next++;
          continue;
        }
        this.#queue.splice(next, 1);
        write(this.#queue);
      }
    } catch {
      // no server: the timer, or the next cue, tries again
    } finally {
      this.#sending = false;
    }
  }
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}

function write(queue) {
  try {
    localStorage.setItem(KEY, JSON.stringify(queue));
  } catch {
    // no storage: then only this page's life
  }
}
