// What is drawn on one camera's picture: its shapes, what is wrong with them, and every step back.
//
// A shape is { id, what: "zone" | "line", name, points: [[x, y], …], rest }: points are fractions of the picture, a
// line has two (its start and its end), and `rest` is every other setting as the server wrote it.

const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d";
const NAME = new RegExp(`^[${WORD}][${WORD} .-]{0,63}$`, "u"); // as reverie.config.NAME
const THING = /^([a-z][a-z0-9 _-]{0,31})?$/; // as reverie.config.Zone.holds
const THINNEST = 2e-6; // twice the area below which a zone has none
const CORNERS = 64;
const MOST = 64;
const STEPS = 200;
const DAY = 86_400;

export class Drawing {
  shapes = [];
  selected = 0;
  base = null; // what the server last told of this camera
  #past = [];
  #future = [];
  #step = "";
  #made = 0;
  #held = ""; // as saved

  constructor(base) {
    this.adopt(base);
  }

  /** What the server holds from now on is this, and it is what is drawn. */
  adopt(base) {
    this.rebase(base);
    this.shapes = this.#read(base);
    this.selected = 0;
    this.#past = [];
    this.#future = [];
    this.#step = "";
  }

  /** What the server holds from now on is this; what is drawn stays as it is. */
  rebase(base) {
    this.base = base;
    this.#held = told(write(this.#read(base)));
  }

  /** It was saved, and this is what the server made of it: every step back stays. */
  saved(base) {
    this.rebase(base);
    for (const what of ["zone", "line"]) {
      const kept = this.#read(base).filter((shape) => shape.what === what);
      this.shapes.filter((shape) => shape.what === what).forEach((shape, i) => {
        shape.name = kept[i].name;
        shape.rest = kept[i].rest;
      });
    }
  }

  /** Put what `wire` says in the place of what is drawn: a step that can be undone. */
  replace(wire) {
    this.change((shapes) => shapes.splice(0, shapes.length, ...this.#read(wire)));
    this.selected = 0;
  }

  /** Let `edit(shapes)` change them. Changes in a row with the same `step` are undone together. */
  change(edit, step = "") {
    if (!step || step !== this.#step) {
      this.#past.push(this.#snapshot());
      if (this.#past.length > STEPS) this.#past.shift();
    }
    this.#step = step;
    this.#future = [];
    edit(this.shapes);
  }

  /** The next change is a step of its own. */
  settle() {
    this.#step = "";
  }

  undo() {
    this.#back(this.#past, this.#future);
  }

  redo() {
    this.#back(this.#future, this.#past);
  }

  get undoable() {
    return this.#past.length > 0;
  }

  get redoable() {
    return this.#future.length > 0;
  }

  get shape() {
    return this.shapes.find((shape) => shape.id === this.selected) ?? null;
  }

  /** As the server reads it. */
  get wire() {
    return write(this.shapes);
  }

  /** Whether it is something else than what was saved. */
  get dirty() {
    return told(this.wire) !== this.#held;
  }

  /** Whether it is just what the configuration says. */
  get plain() {
    return told(this.wire) === told(write(this.#read(this.base.configured)));
  }

  /** Add a shape and select it; its id. `points` as above. */
  add(what, points) {
    const id = ++this.#made;
    const taken = new Set(this.shapes.map((shape) => shape.name));
    let number = this.shapes.filter((shape) => shape.what === what).length + 1;
    while (taken.has(`${what} ${number}`)) number += 1;
    const rest = what === "zone" ? { kind: "area", labels: ["person"] } : { labels: ["person"] };
    const lines = this.shapes.findIndex((shape) => shape.what === "line");
    const index = what === "zone" && lines >= 0 ? lines : this.shapes.length; // zones first, as they are saved
    this.change((shapes) => shapes.splice(index, 0, { id, what, name: `${what} ${number}`, points, rest }));
    this.selected = id;
    return id;
  }

  remove(id) {
    this.change((shapes) => shapes.splice(shapes.findIndex((shape) => shape.id === id), 1));
    if (this.selected === id) this.selected = 0;
  }

  /** Whether there is room for one more of `what`. */
  room(what) {
    return this.shapes.filter((shape) => shape.what === what).length < MOST;
  }

  #snapshot() {
    return { shapes: structuredClone(this.shapes), selected: this.selected };
  }

  #back(from, to) {
    const snapshot = from.pop();
    if (!snapshot) return;
    to.push(this.#snapshot());
    this.#step = "";
    this.shapes = snapshot.shapes;
    this.selected = snapshot.shapes.some((shape) => shape.id === snapshot.selected) ? snapshot.selected : 0;
  }

  #read({ zones, lines }) {
    const zone = ({ name, polygon, ...rest }) => ({ id: ++this.#made, what: "zone", name, points: polygon, rest });
    const line = ({ name, start, end, ...rest }) => ({ id: ++this.#made, what: "line", name, points: [start, end], rest });
    return structuredClone([...zones.map(zone), ...lines.map(line)]);
  }
}

function write(shapes) {
  const of = (what) => shapes.filter((shape) => shape.what === what);
  return {
    zones: of("zone").map(({ name, points, rest }) => ({ ...rest, name: name.trim(), polygon: points })),
    lines: of("line").map(({ name, points, rest }) => ({ ...rest, name: name.trim(), start: points[0], end: points[1] })),
  };
}

/** The same text for the same drawing: a setting left empty is one that is not there. */
function told(wire) {
  const tidy = (entry) => Object.entries(entry).filter(([, value]) => value !== null && value !== "").sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([wire.zones.map(tidy), wire.lines.map(tidy)]);
}

/** What is wrong: [{ id, field, text, sides }]; `sides` are the numbers of those that cross. */
export function problems(shapes) {
  return shapes.flatMap((shape) => [...wrongName(shape, shapes), ...wrongPoints(shape), ...wrongRest(shape)]);
}

function wrongName(shape, shapes) {
  const name = shape.name.trim();
  const wrong = (text) => [{ id: shape.id, field: "name", text }];
  if (!name) return wrong("it needs a name");
  if (!NAME.test(name)) return wrong("a name has letters, digits, spaces, _ . and -, and at most 64 of them");
  const other = shapes.find((other) => other !== shape && other.name.trim() === name);
  return other ? wrong(`another ${other.what} is called “${name}” too`) : [];
}

function wrongPoints({ id, what, points }) {
  const wrong = (text, sides = []) => [{ id, field: "points", text, sides }];
  if (what === "line") return points[0][0] === points[1][0] && points[0][1] === points[1][1] ? wrong("it starts where it ends") : [];
  if (points.length > CORNERS) return wrong(`it has ${points.length} corners; ${CORNERS} are the most`);
  const sides = crossing(points);
  if (sides.length) return wrong("its sides cross each other", sides);
  return Math.abs(area(points)) < THINNEST ? wrong("it has no area") : [];
}

function wrongRest({ id, what, rest }) {
  const found = [];
  const demand = (field, right, text) => right || found.push({ id, field, text });
  const seconds = (value) => value == null || (typeof value === "number" && value >= 0 && value <= DAY);
  demand("cooldown", seconds(rest.cooldown), "“again after” is seconds, 0 to 86400, or empty");
  if (what === "line") return found;
  demand("dwell", seconds(rest.dwell), "“lingers after” is seconds, 0 to 86400, or empty");
  demand("crowd", rest.crowd == null || (Number.isInteger(rest.crowd) && rest.crowd >= 2 && rest.crowd <= 1000), "“a crowd from” is a whole number, 2 to 1000, or empty");
  demand("holds", THING.test(rest.holds ?? ""), "what lies in it is a word in small letters, such as headphones");
  return found;
}

/** Numbers of the sides of a polygon that cross another one; side i goes from corner i to the next. */
function crossing(points) {
  const n = points.length;
  const found = new Set();
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 2; j < n; j += 1) {
      if (i === (j + 1) % n) continue;
      if (cross(points[i], points[(i + 1) % n], points[j], points[(j + 1) % n])) found.add(i).add(j);
    }
  }
  return [...found];
}

function cross(a, b, c, d) {
  const side = (p, q, r) => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** Twice the signed area. */
export function area(points) {
  return points.reduce((sum, [x, y], i) => {
    const [u, v] = points[(i + 1) % points.length];
    return sum + x * v - u * y;
  }, 0);
}
