// A film that is still being made, by Media Source Extensions: fetch → whole boxes → SourceBuffer.

const STALL = 10_000; // ms without a byte before a draft counts as lost

/** The server has no such draft (any more); `alternate` is the finished film's address, if there is one. */
export class NoDraft extends Error {
  constructor(status, alternate) {
    super(`${status} for a draft`);
    this.alternate = alternate;
  }
}

/**
 * Feed the draft at `url` to `video` until it is complete. Resolves when all of it is in the buffer; rejects when
 * the server cuts it off, nothing comes for ten seconds, or the browser cannot take it. `signal` ends it quietly.
 */
export async function follow(video, url, signal) {
  const answer = await fetch(url, { signal, cache: "no-store" });
  if (!answer.ok) {
    const link = /<([^>]+)>;\s*rel="alternate"/.exec(answer.headers.get("link") ?? "");
    throw new NoDraft(answer.status, link?.[1]);
  }
  const media = new MediaSource();
  const address = URL.createObjectURL(media);
  const opened = new Promise((resolve) => media.addEventListener("sourceopen", resolve, { once: true }));
  video.src = address;
  await opened;
  URL.revokeObjectURL(address);

  const reader = answer.body.getReader();
  const boxes = new Boxes();
  let buffer;
  try {
    for (;;) {
      const { done, value } = await timely(reader.read(), STALL);
      if (signal.aborted) return;
      if (done) break;
      const piece = boxes.push(value);
      if (!piece) continue;
      buffer ??= media.addSourceBuffer(`video/mp4; codecs="${codec(piece)}"`);
      await append(buffer, piece);
    }
    if (media.readyState === "open") media.endOfStream();
  } catch (error) {
    reader.cancel().catch(() => {});
    if (!signal.aborted) throw error;
  }
}

/** Collects bytes and gives out whole top-level boxes, up to the last `moov` or `mdat` that is complete. */
export class Boxes {
  #held = new Uint8Array(0);

  push(bytes) {
    const held = new Uint8Array(this.#held.length + bytes.length);
    held.set(this.#held);
    held.set(bytes, this.#held.length);
    const view = new DataView(held.buffer);
    let end = 0;
    let taken = 0;
    while (held.length >= end + 8) {
      let size = view.getUint32(end);
      if (size === 1) {
        if (held.length < end + 16) break;
        size = Number(view.getBigUint64(end + 8));
      }
      if (size < 8) throw new Error(`a box of ${size} bytes`);
      if (held.length < end + size) break;
      const kind = String.fromCharCode(...held.subarray(end + 4, end + 8));
      end += size;
      if (kind === "moov" || kind === "mdat") taken = end;
    }
    this.#held = held.slice(taken);
    return taken ? held.subarray(0, taken) : null;
  }
}

/** "avc1.PPCCLL", read from an init segment's avcC box: profile, compatibility, level; and AAC where there is sound. */
export function codec(init) {
  const i = find(init, "avcC");
  if (i < 0) throw new Error("no avcC box: not H.264");
  const picture = "avc1." + [...init.subarray(i + 5, i + 8)].map((b) => b.toString(16).padStart(2, "0")).join("");
  return find(init, "mp4a") < 0 ? picture : `${picture},mp4a.40.2`;
}

/** Where the four letters first stand in `bytes`, with more than four bytes after them; else -1. */
function find(bytes, letters) {
  const wanted = [...letters].map((letter) => letter.charCodeAt(0));
  for (let i = 0; i + 8 < bytes.length; i++) if (wanted.every((byte, n) => bytes[i + n] === byte)) return i;
  return -1;
}

function append(buffer, piece) {
  return new Promise((resolve, reject) => {
    const end = (event) => {
      buffer.removeEventListener("updateend", end);
      buffer.removeEventListener("error", end);
      if (event.type === "error") reject(new Error("the browser could not read a fragment"));
      else resolve();
    };
    buffer.addEventListener("updateend", end);
    buffer.addEventListener("error", end);
    buffer.appendBuffer(piece);
  });
}

function timely(promise, ms) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new DOMException("nothing came", "TimeoutError")), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
