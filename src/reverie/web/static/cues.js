// The stream of cues, for ever: what closes is opened again, and a page that shows a cue says which.

const SILENCE = 40_000; // ms; the server says something every 15 s
const AGAIN = [500, 1_000, 2_000, 5_000];

export class Cues {
  #screen;
  #source = null;
  #heard = 0;
  #tries = 0;
  #timer = 0;

  /** `on.cue(cue)`, `on.next(film | null)`, `on.online()`, `on.offline()`. */
  constructor(screen, on) {
    this.#screen = screen;
    this.on = on;
    this.last = "";
    this.online = false;
    setInterval(() => {
      if (this.#source && performance.now() - this.#heard > SILENCE) this.#reopen();
    }, 5_000);
  }

  open() {
    clearTimeout(this.#timer);
    this.#heard = performance.now();
    const query = new URLSearchParams({ screen: this.#screen, last: this.last });
    const source = (this.#source = new EventSource(`/api/cues?${query}`));
    source.onopen = () => this.#alive(true);
    source.onerror = () => {
      this.#alive(false);
      if (source.readyState === EventSource.CLOSED) this.#reopen(); // else the browser tries by itself
    };
    source.addEventListener("heartbeat", () => this.#alive(true));
    source.addEventListener("next", (event) => {
      this.#alive(true);
      this.on.next(JSON.parse(event.data).next);
    });
    source.addEventListener("cue", (event) => {
      const arrived = performance.now();
      this.#alive(true);
      const cue = JSON.parse(event.data);
      this.last = cue.id;
      this.on.cue(cue, arrived);
    });
  }

  #alive(online) {
    if (online) {
      this.#heard = performance.now();
      this.#tries = 0;
    }
    if (online === this.online) return;
    this.online = online;
    if (online) this.on.online();
    else this.on.offline();
  }

  #reopen() {
    this.#source?.close();
    this.#source = null;
    this.#alive(false);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.open(), AGAIN[Math.min(this.#tries++, AGAIN.length - 1)]);
  }
}
