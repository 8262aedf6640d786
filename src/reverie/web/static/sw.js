// Boots the kiosk without its server: page and scripts from the network while it answers, else as last seen.
// Films are the page's own business (films.js); everything else below /api/ never comes here.

const SHELL = "reverie-shell-3";
const FILES = [
  "/",
  "/static/kiosk.css",
  "/static/kiosk.js",
  "/static/stage.js",
  "/static/draft.js",
  "/static/films.js",
  "/static/cues.js",
  "/static/captions.js",
  "/static/proof.js",
  "/static/icon.svg",
  "/static/NotoSansSC-Bold-subset.otf",
];
const PATIENCE = 2_000; // ms that a live network may take

addEventListener("install", (event) => {
  // Lets requests of the API pass without waking this worker, where the browser can.
  event.addRoutes?.([{ condition: { urlPattern: { pathname: "/api/*" } }, source: "network" }])?.catch?.(() => {});
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const stale = (names) => names.filter((name) => name.startsWith("reverie-shell-") && name !== SHELL);
  event.waitUntil(
    caches.keys().then((names) => Promise.all(stale(names).map((name) => caches.delete(name)))).then(() => clients.claim()),
  );
});

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (!FILES.includes(url.pathname)) return;
  event.respondWith(answer(event.request, url.pathname));
});

async function answer(request, path) {
  const cache = await caches.open(SHELL);
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("late")));
    const fresh = await Promise.race([fetch(request), late]);
    if (fresh.ok && !fresh.redirected) await cache.put(path, fresh.clone());
    return fresh;
  } catch (error) {
    const kept = await cache.match(path);
    if (kept) return kept;
    throw error;
  }
}
