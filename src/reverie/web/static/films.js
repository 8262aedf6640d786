// Finished films, kept twice: in memory for the next second, in the Cache API for a day without the server.

const NAME = "reverie-films-1";
const MEMORY = 12; // films, a few megabytes each
const DISK = 40;

export class Films {
  #blobs = new Map(); // url → Blob, least recently used first
  #loading = new Map(); // url → Promise<Blob>

  /** The film if it is in memory now, else undefined. */
  peek(url) {
    const blob = this.#blobs.get(url);
    if (blob) this.#keep(url, blob);
    return blob;
  }

  /** The film: from memory, the cache, or the server. Rejects when none has it. */
  get(url) {
    const blob = this.peek(url);
    if (blob) return Promise.resolve(blob);
    if (!this.#loading.has(url)) {
      this.#loading.set(url, this.#load(url).finally(() => this.#loading.delete(url)));
    }
    return this.#loading.get(url);
  }

  /** Forget a film that could not be played. */
  async drop(url) {
    this.#blobs.delete(url);
    await (await disk())?.delete(url);
  }

  /** Addresses of the films that are kept, newest first: what can be shown without a server. */
  async kept() {
    const cache = await disk();
    if (!cache) return [...this.#blobs.keys()].reverse();
    return (await cache.keys()).map((request) => new URL(request.url)).map((u) => u.pathname + u.search).reverse();
  }

  async #load(url) {
    const cache = await disk();
    const hit = await cache?.match(url);
    if (hit) return this.#keep(url, await hit.blob());
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${answer.status} for ${url}`);
    const copy = answer.clone();
    const blob = await answer.blob();
    if (cache) this.#store(cache, url, copy).catch(() => {}); // a full disk must not stop a film
    return this.#keep(url, blob);
  }

  async #store(cache, url, answer) {
    await cache.put(url, answer);
    const keys = await cache.keys();
    const clips = keys.filter((request) => !request.url.includes("/api/ambient"));
    for (const old of clips.slice(0, Math.max(0, clips.length - DISK))) await cache.delete(old);
    if (url.startsWith("/api/ambient")) {
      const here = new URL(url, location.href).href;
      for (const other of keys) if (other.url.includes("/api/ambient") && other.url !== here) await cache.delete(other);
    }
  }

  #keep(url, blob) {
    this.#blobs.delete(url);
    this.#blobs.set(url, blob);
    while (this.#blobs.size > MEMORY) this.#blobs.delete(this.#blobs.keys().next().value);
    return blob;
  }
}

/** The Cache API's store; undefined where there is none (a page on plain http from another machine). */
async function disk() {
  try {
    return globalThis.caches ? await caches.open(NAME) : undefined;
  } catch {
    return undefined;
  }
}
