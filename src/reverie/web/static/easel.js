// The picture and what is drawn on it: by mouse, finger and keyboard. What is drawn is a Drawing (drawing.js).
//
// The shapes are SVG in pixels of the picture; their corners are buttons above it, so that they have a size for
// fingers, a focus and a name.

import { area } from "./drawing.js";

const SVG = "http://www.w3.org/2000/svg";
const STEP = 0.01;
const FAR = 0.05;
const FINE = 0.001;
const CLOSE = 16; // CSS pixels from the first corner that close a zone
const DRAG = 8; // CSS pixels from which a press is a drag
const ARROW = 30; // CSS pixels
const ROOMY = 56; // CSS pixels of a side that has room for a handle in its middle
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const READY = { zone: [[0.35, 0.35], [0.65, 0.35], [0.65, 0.75], [0.35, 0.75]], line: [[0.5, 0.3], [0.5, 0.8]] };

export class Easel {
  #root;
  #svg;
  #layer;
  #tags;
  #handles;
  #hooks;
  #drawing = null;
  #wrong = new Map(); // id → numbers of the sides that cross
  #size = [640, 480];
  #sketch = null; // { what, points, hover, pressed, box } while a new shape is drawn
  #grip = null; // what the pointer holds: { id, index, from, points, moved }

  /** `hooks`: changed() after every change, sketching(sketch or null), say(text) to who cannot see. */
  constructor(root, hooks) {
    this.#root = root;
    this.#svg = root.querySelector("svg");
    this.#layer = root.querySelector("svg g");
    this.#tags = root.querySelector(".tags");
    this.#handles = root.querySelector(".handles");
    this.#hooks = hooks;
    root.addEventListener("pointerdown", (event) => this.#press(event));
    root.addEventListener("pointermove", (event) => this.#move(event));
    root.addEventListener("pointerup", (event) => this.#release(event));
    root.addEventListener("pointercancel", () => this.#drop());
    root.addEventListener("dblclick", () => this.#sketch?.points.length >= 3 && this.done());
    root.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("keydown", (event) => this.#sketchKey(event), true);
    new ResizeObserver(() => this.#drawing && this.draw()).observe(root);
  }

  show(drawing) {
    this.#grip = this.#sketch = null;
    this.#drawing = drawing;
    this.#hooks.sketching(null);
  }

  /** The picture's own size, in its pixels. */
  resize(width, height) {
    this.#size = [width, height];
    this.#root.style.setProperty("--ratio", width / height);
    this.#root.style.setProperty("--width", width);
    this.#root.style.setProperty("--height", height);
    if (this.#drawing) this.draw();
  }

  get sketching() {
    return this.#sketch !== null;
  }

  /** What is being drawn: { what, points }; null when nothing is. */
  get sketch() {
    return this.#sketch;
  }

  /** Begin a new "zone" or "line" with the pointer; Enter makes one that is ready to be moved. */
  begin(what) {
    this.#drawing.selected = 0;
    this.#sketch = { what, points: [], hover: null, pressed: null, box: false };
    this.#root.focus({ preventScroll: true });
    this.#told();
  }

  /** A shape in the middle of the picture, its first corner under the keyboard. */
  put(what) {
    this.#sketch = null;
    this.#finish(what, structuredClone(READY[what]));
  }

  /** The sketch as it is, if it is enough for a shape. */
  done() {
    const { what, points } = this.#sketch;
    if (!points.length) this.put(what);
    else if (points.length >= (what === "zone" ? 3 : 2)) this.#finish(what, points);
    else this.#hooks.say(what === "zone" ? "A zone needs three corners." : "A line needs an end.");
  }

  cancel() {
    this.#grip = null;
    if (!this.#sketch) return;
    this.#sketch = null;
    this.#told();
  }

  /** Put the keyboard on corner `index` of the selected shape. */
  focus(index = 0) {
    this.#handles.querySelector(`[data-index="${index}"]`)?.focus({ preventScroll: true });
  }

  /** `wrong`: as `problems` finds it, here only for what must be red. */
  draw(wrong) {
    if (wrong) this.#wrong = new Map(wrong.map(({ id }) => [id, wrong.find((p) => p.id === id && p.sides)?.sides ?? []]));
    const [width, height] = this.#size;
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const unit = width / (this.#svg.clientWidth || width); // picture pixels in a CSS pixel
    this.#svg.querySelector("pattern").setAttribute("patternTransform", `scale(${unit})`);
    const { shapes, selected } = this.#drawing;
    // Small ones above large ones, so that each can be reached; the selected one above all.
    const rank = (shape) => (shape.id === selected ? -1 : shape.what === "line" ? 0 : Math.abs(area(shape.points)));
    const ordered = [...shapes].sort((a, b) => rank(b) - rank(a));
    this.#layer.replaceChildren(...ordered.map((shape) => this.#shape(shape, unit)), ...this.#drawSketch(unit));
    this.#tags.replaceChildren(...shapes.map((shape) => this.#tag(shape)));
    for (const tag of this.#tags.children) this.#fit(tag);
    this.#drawHandles();
    this.#root.classList.toggle("sketching", this.sketching);
  }

  // ---- what it looks like

  #at([x, y]) {
    return [x * this.#size[0], y * this.#size[1]];
  }

  #path(points) {
    return points.map((point) => this.#at(point).map((v) => v.toFixed(1)).join(",")).join(" ");
  }

  #shape(shape, unit) {
    const wrong = this.#wrong.has(shape.id);
    const kind = shape.what === "line" ? "line" : `zone ${shape.rest.kind ?? "area"}`;
    const classes = [kind, shape.id === this.#drawing.selected && "selected", wrong && "bad"].filter(Boolean).join(" ");
    const parts = shape.what === "line" ? this.#line(shape.points, unit) : this.#zone(shape, wrong);
    return node("g", { class: classes, "data-id": shape.id }, parts);
  }

  #zone({ id, points, rest }, wrong) {
    const path = this.#path(points);
    const sides = wrong ? this.#wrong.get(id) : [];
    return [
      node("polygon", { class: "fill", points: path }),
      ...(rest.kind === "screen" ? [node("polygon", { fill: "url(#hatch)", points: path })] : []),
      node("polygon", { class: "edge", points: path }),
      node("polygon", { class: "face", points: path }),
      ...sides.map((i) => node("polyline", { class: "cross", points: this.#path([points[i], points[(i + 1) % points.length]]) })),
    ];
  }

  /** "In" is to the right of start → end; with y down, right of (dx, dy) is (-dy, dx). */
  #line([start, end], unit) {
    const [[x1, y1], [x2, y2]] = [this.#at(start), this.#at(end)];
    const long = Math.hypot(x2 - x1, y2 - y1) || 1;
    const [ux, uy] = [(x2 - x1) / long, (y2 - y1) / long];
    const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const far = ARROW * unit;
    const tip = [mx - uy * far, my + ux * far];
    const wing = (way) => [tip[0] + uy * far * 0.36 + way * ux * far * 0.26, tip[1] - ux * far * 0.36 + way * uy * far * 0.26];
    const word = [mx - uy * far * 1.5, my + ux * far * 1.5];
    const points = `${x1},${y1} ${x2},${y2}`;
    const arrow = `M${mx},${my} L${tip} M${wing(1)} L${tip} L${wing(-1)}`;
    return [
      node("polyline", { class: "grip", points }),
      node("polyline", { class: "edge", points }),
      node("path", { class: "edge", d: arrow }),
      node("polyline", { class: "face", points }),
      node("path", { class: "face", d: arrow }),
      node("text", { x: word[0], y: word[1], "font-size": 12 * unit, "stroke-width": 3 * unit }, ["in"]),
    ];
  }

  #tag({ id, what, name, points, rest }) {
    const tag = document.createElement("span");
    const [x, y] = what === "line" ? points[0] : points.reduce((a, b) => (a[0] + a[1] <= b[0] + b[1] ? a : b));
    tag.className = `${what === "line" ? "line" : (rest.kind ?? "area")}${id === this.#drawing.selected ? " selected" : ""}`;
    tag.textContent = name.trim() || "…";
    tag.style.left = `${x * 100}%`;
    tag.style.top = `${y * 100}%`;
    const across = points.map((point) => point[0]);
    const wide = (Math.max(...across) - Math.min(...across)) * this.#root.clientWidth;
    tag.hidden = what === "zone" && id === this.#drawing.selected && wide < ROOMY * 2; // its handles stand there
    return tag;
  }

  /** Inside the picture, also where what it names is at its edge. */
  #fit(tag) {
    tag.style.left = `min(${tag.style.left}, calc(100% - ${tag.offsetWidth + 14}px))`;
    tag.style.top = `min(${tag.style.top}, calc(100% - ${tag.offsetHeight + 14}px))`;
  }

  #drawSketch(unit) {
    if (!this.#sketch) return [];
    const { what, points, hover, box } = this.#sketch;
    const all = box || !hover ? points : [...points, hover];
    const dots = points.map((point, i) => {
      const [cx, cy] = this.#at(point);
      return node("circle", { class: i ? "dot" : "dot first", cx, cy, r: 5 * unit });
    });
    if (what === "line" && all.length === 2) return [node("g", { class: "line sketch" }, this.#line(all, unit)), ...dots];
    const path = this.#path(all);
    return [
      node("g", { class: "zone area sketch" }, [
        ...(all.length > 2 ? [node("polygon", { class: "fill", points: path })] : []),
        node("polyline", { class: "edge", points: path }),
        node("polyline", { class: "face", points: path }),
      ]),
      ...dots,
    ];
  }

  #drawHandles() {
    const shape = this.sketching ? null : this.#drawing.shape;
    const points = shape?.points ?? [];
    const zone = shape?.what === "zone";
    const name = shape?.name.trim() || "no name";
    const ends = ["Start", "End"];
    const corners = points.map((point, i) => ({
      index: i,
      class: "corner",
      point,
      label: `${zone ? `Corner ${i + 1}` : ends[i]} of ${name}, ${place(point)}`,
    }));
    const mids = !zone ? [] : points.flatMap((point, i) => {
      const next = points[(i + 1) % points.length];
      if (this.#long(point, next) < ROOMY) return [];
      return [{ index: `m${i}`, class: "mid", point: between(point, next), label: `Add a corner after corner ${i + 1} of ${name}` }];
    });
    const whole = zone ? [{ index: "all", class: "whole", point: middle(points), label: `All of ${name}: move it` }] : [];
    if (shape && !zone) whole.push({ index: "all", class: "whole", point: between(...points), label: `All of ${name}: move it` });
    const wanted = [...corners, ...whole, ...mids];
    while (this.#handles.children.length > wanted.length) this.#handles.lastChild.remove();
    wanted.forEach((handle, i) => {
      const button = this.#handles.children[i] ?? this.#handles.appendChild(Object.assign(document.createElement("button"), { type: "button" }));
      button.className = handle.class;
      button.dataset.index = handle.index;
      button.tabIndex = handle.class === "mid" ? -1 : 0;
      button.style.left = `${handle.point[0] * 100}%`;
      button.style.top = `${handle.point[1] * 100}%`;
      button.setAttribute("aria-label", handle.label);
      if (handle.class === "mid") button.setAttribute("aria-hidden", "true");
      else button.removeAttribute("aria-hidden");
    });
  }

  // ---- pointer

  #point(event) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    return [tidy((event.clientX - left) / width), tidy((event.clientY - top) / height)];
  }

  /** CSS pixels between two places on the picture. */
  #long(a, b) {
    return Math.hypot((a[0] - b[0]) * this.#root.clientWidth, (a[1] - b[1]) * this.#root.clientHeight);
  }

  /** CSS pixels between a place on the picture and the pointer. */
  #away([x, y], event) {
    const { left, top, width, height } = this.#svg.getBoundingClientRect();
    return Math.hypot(left + x * width - event.clientX, top + y * height - event.clientY);
  }

  #press(event) {
    if (event.button || !event.isPrimary || !this.#drawing) return;
    if (this.#sketch) {
      event.preventDefault();
      this.#root.setPointerCapture(event.pointerId);
      this.#sketch.pressed = this.#point(event);
      this.#sketch.hover = this.#sketch.pressed;
      this.draw();
      return;
    }
    const handle = event.target.closest(".handles button");
    (handle ?? this.#root).focus({ preventScroll: true }); // what was typed is done with, and keys go to what is chosen
    const id = handle ? this.#drawing.selected : Number(event.target.closest("[data-id]")?.dataset.id ?? 0);
    if (!handle && id !== this.#drawing.selected) {
      this.#drawing.selected = id;
      this.#hooks.changed();
    }
    if (!id) return;
    event.preventDefault(); // no text is selected, no picture dragged
    this.#root.setPointerCapture(event.pointerId);
    this.#grip = { id, index: handle?.dataset.index ?? "all", from: event, points: structuredClone(this.#drawing.shape.points), moved: false };
  }

  #move(event) {
    if (!event.isPrimary) return;
    if (this.#sketch) return this.#sketchMove(event);
    const grip = this.#grip;
    if (!grip) return;
    if (!grip.moved) {
      if (Math.hypot(event.clientX - grip.from.clientX, event.clientY - grip.from.clientY) < DRAG / 2) return;
      this.#grasp(grip);
    }
    const [x, y] = this.#point(event);
    this.#drawing.change(() => {
      const shape = this.#drawing.shape;
      if (grip.index === "all") {
        const [u, v] = this.#point(grip.from);
        shape.points = shifted(grip.points, x - u, y - v);
      } else shape.points[Number(grip.index)] = [x, y];
    }, "drag");
    this.#hooks.changed();
  }

  /** The first move of a drag: a step of its own; from the middle of a side, with a new corner. */
  #grasp(grip) {
    grip.moved = true;
    this.#drawing.settle();
    if (!String(grip.index).startsWith("m")) return;
    const after = Number(grip.index.slice(1));
    this.#drawing.change(() => this.#drawing.shape.points.splice(after + 1, 0, this.#point(grip.from)), "drag");
    grip.index = String(after + 1);
    this.draw();
    this.focus(grip.index);
  }

  #release(event) {
    if (!event.isPrimary) return;
    if (this.#sketch) return this.#sketchRelease(event);
    const grip = this.#grip;
    this.#grip = null;
    this.#drawing?.settle();
    if (grip && !grip.moved && grip.index.startsWith("m")) this.#insert(Number(grip.index.slice(1)));
  }

  #drop() {
    this.#grip = null;
    this.#drawing?.settle();
    if (this.#sketch) this.#sketch.pressed = null;
  }

  #sketchMove(event) {
    const sketch = this.#sketch;
    sketch.hover = this.#point(event);
    if (sketch.pressed && sketch.what === "zone" && (sketch.box || !sketch.points.length) && this.#away(sketch.pressed, event) > DRAG) {
      const [[a, b], [c, d]] = [sketch.pressed, sketch.hover];
      sketch.box = true;
      // Clockwise from the top left, whichever way it was dragged.
      const [l, r, t, u] = [Math.min(a, c), Math.max(a, c), Math.min(b, d), Math.max(b, d)];
      sketch.points = [[l, t], [r, t], [r, u], [l, u]];
    }
    this.draw();
  }

  #sketchRelease(event) {
    const sketch = this.#sketch;
    if (!sketch.pressed) return;
    const { what, points, pressed } = sketch;
    sketch.pressed = null;
    if (sketch.box) return this.#finish(what, points);
    if (what === "line" && !points.length && this.#away(pressed, event) > DRAG) return this.#finish(what, [pressed, this.#point(event)]);
    if (what === "zone" && points.length >= 3 && this.#away(points[0], event) < CLOSE) return this.#finish(what, points);
    if (points.length && this.#away(points.at(-1), event) < 2) return; // the second half of a double click
    points.push(this.#point(event));
    if (what === "line" && points.length === 2) return this.#finish(what, points);
    this.#told();
  }

  // ---- keyboard

  #sketchKey(event) {
    if (!this.#sketch || event.target.closest("dialog, input, select")) return;
    if (event.key === "Enter" && !event.target.closest("#cancel")) this.done();
    else if (event.key === "Escape") this.cancel();
    else if (event.key === "Backspace" && this.#sketch.points.length) {
      this.#sketch.points.pop();
      this.#told();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #key(event) {
    const index = event.target.dataset.index ?? "all";
    const shape = this.#drawing.shape;
    if (!shape || event.ctrlKey || event.metaKey) return;
    if (event.key in WAYS) this.#nudge(shape, index, event);
    else if (event.key === "Delete" || event.key === "Backspace") index === "all" ? this.#hooks.remove(shape.id) : this.#erase(Number(index));
    else if ((event.key === "Insert" || event.key === "+") && index !== "all") this.#insert(Number(index));
    else if (event.key === "Escape") this.#hooks.leave();
    else return;
    event.preventDefault();
  }

  #nudge(shape, index, event) {
    const far = event.shiftKey ? FAR : event.altKey ? FINE : STEP;
    const [dx, dy] = WAYS[event.key].map((way) => way * far);
    this.#drawing.change(() => {
      if (index === "all") shape.points = shifted(shape.points, dx, dy);
      else shape.points[index] = shape.points[index].map((v, axis) => tidy(v + [dx, dy][axis]));
    }, `key ${shape.id} ${index}`);
    this.#hooks.changed();
    this.#hooks.say(place(index === "all" ? middle(shape.points) : shape.points[index]));
  }

  #insert(after) {
    const shape = this.#drawing.shape;
    if (shape.what !== "zone") return;
    this.#drawing.change(() => shape.points.splice(after + 1, 0, between(shape.points[after], shape.points[(after + 1) % shape.points.length])));
    this.#hooks.changed();
    this.focus(after + 1);
    this.#hooks.say(`Corner ${after + 2} of ${shape.points.length} added.`);
  }

  #erase(index) {
    const shape = this.#drawing.shape;
    if (shape.what !== "zone" || !(index >= 0)) return;
    if (shape.points.length <= 3) return this.#hooks.say("A zone has at least three corners. Delete the zone itself with the button below its settings.", true);
    this.#drawing.change(() => shape.points.splice(index, 1));
    this.#hooks.changed();
    this.focus(Math.min(index, shape.points.length - 1));
    this.#hooks.say(`Corner ${index + 1} removed, ${shape.points.length} are left.`);
  }

  #finish(what, points) {
    this.#sketch = null;
    this.#drawing.add(what, points);
    this.#told();
    this.focus(0);
    this.#hooks.say(`${this.#drawing.shape.name} added. Arrow keys move its corners.`);
  }

  #told() {
    this.#hooks.sketching(this.#sketch);
    this.#hooks.changed();
  }
}

function node(name, attributes, children = []) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Within the picture, to a ten-thousandth of it: a tenth of a pixel. */
const tidy = (value) => Math.round(Math.min(1, Math.max(0, value)) * 1e4) / 1e4;
const between = (a, b) => [tidy((a[0] + b[0]) / 2), tidy((a[1] + b[1]) / 2)];
const middle = (points) => [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
const percent = (value) => `${Number((value * 100).toFixed(1))} %`;
const place = ([x, y]) => `${percent(x)} across, ${percent(y)} down`;

/** All `points` moved by as much of (dx, dy) as keeps them in the picture. */
function shifted(points, dx, dy) {
  const room = (axis, way) => {
    const all = points.map((point) => point[axis]);
    return Math.min(1 - Math.max(...all), Math.max(-Math.min(...all), way));
  };
  const [x, y] = [room(0, dx), room(1, dy)];
  return points.map((point) => [tidy(point[0] + x), tidy(point[1] + y)]);
}
