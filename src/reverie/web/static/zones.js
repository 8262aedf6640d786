// The Zones page: one drawing a camera, saved whole. Nothing is sent before Save, and nobody's work is overwritten.

import { pill, set, template } from "./dom.js";
import { Drawing, problems } from "./drawing.js";
import { Easel } from "./easel.js";
import { Still } from "./still.js";

const LOOK = 10_000; // how often it is asked whether somebody else saved
const KINDS = {
  area: ["Area", "Whoever comes, stays or leaves here makes an event. People are in it when their feet are."],
  slot: ["Shelf slot", "Tells when somebody takes what lies here or puts it back. Draw it closely around the thing."],
  screen: ["Own screen", "Where the camera sees this box’s own screen: nothing counts here."],
};
const HINTS = {
  none: "Add a zone, or a line to be crossed.",
  idle: "Choose a zone to move its corners, or add one.",
  zone: "Drag a corner, or choose it and use the arrow keys. A dot on a side makes a new corner; Delete removes one.",
  line: "Drag an end, or choose it and use the arrow keys.",
  sketchZone: ["Click corner by corner, and the first one again to close it. Or drag a box, or press Enter for one.", "Next corner… Enter, a double click or Done closes it, Backspace takes the last corner back."],
  sketchLine: ["Click where the line starts, or drag it. Enter puts one in the middle.", "Click where it ends."],
};

const $ = (selector, root = document) => root.querySelector(selector);
const form = $("#shape");
const drawings = new Map(); // camera → Drawing
let usual = { dwell: 0, cooldown: 0, crowd: 0 };
let drawing = null;
let saving = false;
let saves = 0; // how often it was tried
let conflict = null; // what somebody else saved meanwhile, while that is not settled
let quiet = 0;

// ---- beginning

async function begin() {
  try {
    const told = await ask("GET", "/api/zones");
    usual = told.usual;
    $("#name").textContent = told.name;
    document.title = `${told.name} · zones`;
    $("#things").replaceChildren(...told.labels.map((label) => new Option(label)));
    for (const plan of told.cameras) drawings.set(plan.camera, new Drawing(plan));
    still.allowed = told.still;
    const names = told.cameras.map((plan) => plan.camera);
    $("#camera").replaceChildren(...names.map((name) => new Option(name, name)));
    $("#camera").hidden = names.length < 2;
    const asked = decodeURIComponent(location.hash.slice(1));
    open(drawings.has(asked) ? asked : names[0]);
  } catch (error) {
    trouble(`The zones could not be read: ${error.message}. Trying again…`);
    setTimeout(begin, 2_000);
  }
}

function open(camera) {
  drawing = drawings.get(camera);
  conflict = null;
  $("#camera").value = camera;
  $("#stage-title").textContent = drawings.size < 2 ? camera : "Camera";
  $("#easel").setAttribute("aria-label", `Picture of ${camera} with its zones`);
  refuse("");
  easel.show(drawing);
  still.watch(camera);
  draw();
}

/** Has somebody else saved? What is untouched here follows; what is not is asked about. */
async function look() {
  if (document.hidden || !drawing || saving) return;
  const before = saves;
  let told;
  try {
    told = await ask("GET", "/api/zones");
  } catch {
    return; // saving says so, when it matters
  }
  if (saving || saves !== before) return; // what was told is older than what was saved here
  for (const plan of told.cameras) follow(drawings.get(plan.camera), plan);
  draw();
}

function follow(own, plan) {
  const moved = plan.version !== own.base.version;
  if (!moved) return own.rebase(plan); // the file may have been damaged, or mended
  if (own.dirty) {
    if (own === drawing && conflict?.version !== plan.version) contest(plan);
    return;
  }
  own.adopt(plan);
  if (own !== drawing) return;
  conflict = null;
  refuse("");
  say("Somebody else changed these zones; this is what holds now.", true);
}

// ---- drawing the page

const easel = new Easel($("#easel"), {
  changed: draw,
  say,
  remove,
  leave: () => choose(0, true),
  sketching: (sketch) => {
    $("#done").hidden = !sketch;
    $("#cancel").hidden = !sketch;
    for (const what of ["zone", "line"]) $(`#add-${what}`).setAttribute("aria-pressed", String(sketch?.what === what));
    if (sketch && !sketch.points.length) say(HINTS[sketch.what === "zone" ? "sketchZone" : "sketchLine"][0]);
  },
});

function draw() {
  if (!drawing) return;
  const wrong = problems(drawing.shapes);
  easel.draw(wrong);
  drawHint();
  drawList(wrong);
  drawShape(wrong);
  drawBar(wrong);
}

function drawHint() {
  const sketch = easel.sketch;
  const hints = sketch && HINTS[sketch.what === "zone" ? "sketchZone" : "sketchLine"];
  set($("#hint"), hints ? hints[Math.min(sketch.points.length, 1)] : HINTS[drawing.shape?.what ?? (drawing.shapes.length ? "idle" : "none")]);
  $("#undo").setAttribute("aria-disabled", String(!drawing.undoable));
  $("#redo").setAttribute("aria-disabled", String(!drawing.redoable));
}

function drawList(wrong) {
  const list = $("#shape-list");
  while (list.children.length > drawing.shapes.length) list.lastChild.remove();
  drawing.shapes.forEach((shape, i) => {
    const item = list.children[i] ?? list.appendChild(template(`<li><button type="button"><i></i><span><strong></strong><small></small></span></button></li>`));
    const button = item.firstChild;
    const faults = wrong.filter((problem) => problem.id === shape.id);
    button.dataset.id = shape.id;
    button.className = faults.length ? "bad" : "";
    button.setAttribute("aria-current", String(shape.id === drawing.selected));
    $("i", button).className = `swatch ${shape.what === "line" ? "line" : shape.rest.kind}`;
    set($("strong", button), shape.name.trim() || "no name");
    set($("small", button), faults.length ? sentence(faults[0].text) : about(shape));
  });
  const zones = drawing.shapes.filter((shape) => shape.what === "zone").length;
  const lines = drawing.shapes.length - zones;
  set($("#count"), [zones && `${zones} zone${zones > 1 ? "s" : ""}`, lines && `${lines} line${lines > 1 ? "s" : ""}`].filter(Boolean).join(", "));
  $("#list .empty").hidden = drawing.shapes.length > 0;
}

function about({ what, rest, points }) {
  const who = rest.labels?.length ? rest.labels.join(", ") : "everything";
  if (what === "line") return `Line · ${who}`;
  if (rest.kind === "screen") return `${KINDS.screen[0]} · ignored`;
  if (rest.kind === "slot") return `${KINDS.slot[0]}${rest.holds ? ` · ${rest.holds}` : ""}`;
  return `${KINDS.area[0]} · ${who} · ${points.length} corners`;
}

function drawShape(wrong) {
  const shape = drawing.shape;
  $("#inspector").hidden = !shape;
  if (!shape) return;
  const kind = shape.what === "line" ? "line" : (shape.rest.kind ?? "area");
  set($("#inspector-title"), shape.what === "line" ? "Line" : "Zone");
  set($("#delete"), `Delete this ${shape.what}`);
  const shown = { zone: shape.what === "zone", line: kind === "line", area: kind === "area", slot: kind === "slot", counted: ["area", "line"].includes(kind), timed: kind !== "screen" };
  for (const part of form.querySelectorAll("[data-only]")) part.hidden = !shown[part.dataset.only];
  fill(form.elements.name, shape.name);
  for (const radio of form.elements.kind) radio.checked = radio.value === kind;
  set($("#kind-hint"), KINDS[kind]?.[1] ?? "");
  for (const field of ["dwell", "crowd", "cooldown", "holds"]) fill(form.elements[field], shape.rest[field] ?? "");
  for (const field of ["dwell", "crowd", "cooldown"]) form.elements[field].placeholder = String(usual[field]);
  drawLabels(shape);
  drawCorners(shape);
  const mine = wrong.filter((problem) => problem.id === shape.id);
  for (const note of form.querySelectorAll("[data-for]")) {
    const found = mine.find((problem) => problem.field === note.dataset.for);
    set(note, found ? sentence(found.text) : "");
    note.hidden = !found;
    note.id = `wrong-${note.dataset.for}`;
    const input = form.elements[note.dataset.for];
    if (!(input instanceof HTMLInputElement)) continue;
    input.setAttribute("aria-invalid", String(Boolean(found)));
    if (found) input.setAttribute("aria-describedby", note.id);
    else input.removeAttribute("aria-describedby");
  }
}

function drawLabels(shape) {
  const labels = shape.rest.labels ?? [];
  const list = $("#labels");
  const text = JSON.stringify([shape.id, labels]);
  set($("#labels-hint"), labels.length ? "Enter adds what you typed." : "Nothing is chosen, so everything counts.");
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(
    ...labels.map((label) => {
      const item = template(`<li><button type="button"><span></span><i aria-hidden="true">✕</i></button></li>`);
      set($("span", item), label);
      $("button", item).setAttribute("aria-label", `${label}: does not count any more`);
      $("button", item).addEventListener("click", () => dropLabel(label));
      return item;
    }),
  );
}

function drawCorners(shape) {
  const list = $("#corner-list");
  const zone = shape.what === "zone";
  while (list.children.length > shape.points.length) list.lastChild.remove();
  shape.points.forEach((point, i) => {
    const item = list.children[i] ?? list.appendChild(makeCorner());
    const [x, y] = item.querySelectorAll("input");
    [x, y].forEach((input, axis) => {
      fill(input, Number((point[axis] * 100).toFixed(2)));
      input.dataset.index = i;
      input.setAttribute("aria-label", `${zone ? `Corner ${i + 1}` : ["Start", "End"][i]}, % ${["across", "down"][axis]}`);
    });
    set($("b", item), zone ? String(i + 1) : ["Start", "End"][i]);
    const [more, less] = item.querySelectorAll("button");
    for (const button of [more, less]) {
      button.hidden = !zone;
      button.dataset.index = i;
    }
    more.setAttribute("aria-label", `Add a corner after corner ${i + 1}`);
    less.setAttribute("aria-label", `Remove corner ${i + 1}`);
    less.setAttribute("aria-disabled", String(shape.points.length <= 3));
  });
  set($(".corners summary"), zone ? `${shape.points.length} corners in numbers` : "Both ends in numbers");
}

function makeCorner() {
  return template(`<li><b></b><label>↔<input inputmode="decimal" data-axis="0"></label><label>↕<input inputmode="decimal" data-axis="1"></label><button type="button" class="tool" data-do="more">+</button><button type="button" class="tool" data-do="less">✕</button></li>`);
}

function drawBar(wrong) {
  const { base, dirty, plain } = drawing;
  const faulty = new Set(wrong.map((problem) => problem.id)).size;
  const other = [...drawings].filter(([camera, own]) => own !== drawing && own.dirty).map(([camera]) => camera);
  const words = [
    saving ? "Saving…" : !dirty ? (base.drawn ? "Saved." : "As the configuration says.") : faulty ? `${faulty} of them cannot be saved yet.` : "Not saved yet.",
    other.length && `Not saved either: ${other.join(", ")}.`,
  ];
  set($("#saving"), words.filter(Boolean).join(" "));
  $("#save").setAttribute("aria-disabled", String(!dirty || saving));
  $("#reset").hidden = !base.drawn || plain;
  if (dirty && !$("#bar").classList.contains("dirty")) $("#said").hidden = true; // what was said of the saved ones
  $("#bar").classList.toggle("dirty", dirty);
  pill($("#origin"), dirty ? "warn" : base.fault ? "bad" : base.drawn ? "good" : "", dirty ? "not saved" : base.drawn ? "drawn here" : "from the configuration");
  trouble(base.fault);
  $("#conflict").hidden = !conflict;
  for (const option of $("#camera").options) set(option, `${option.value}${drawings.get(option.value)?.dirty ? " •" : ""}`);
  if (!dirty || !wrong.length) settle(wrong);
}

/** A refusal goes when what was refused is right again. */
function settle(wrong) {
  if ($("#refusal").dataset.why === "wrong" && !wrong.length) refuse("");
}

// ---- choosing and changing

/** Select a shape (0: none); with `list` the keyboard goes to where it is, or was, in the list. */
function choose(id, list = false) {
  const was = drawing.selected;
  drawing.selected = id;
  drawing.settle();
  draw();
  if (list) ($(`#shape-list [data-id="${id || was}"]`) ?? $("#add-zone")).focus();
}

function remove(id) {
  const index = drawing.shapes.findIndex((shape) => shape.id === id);
  const { name, what } = drawing.shapes[index];
  drawing.remove(id);
  draw();
  const next = drawing.shapes[Math.min(index, drawing.shapes.length - 1)];
  (next ? $(`#shape-list [data-id="${next.id}"]`) : $("#add-zone")).focus();
  say(`${what === "zone" ? "Zone" : "Line"} ${name.trim()} deleted. Ctrl+Z brings it back.`, true);
}

function add(what, event) {
  if (!drawing) return;
  if (!drawing.room(what)) return say(`A camera has at most 64 ${what}s.`, true);
  if (event.detail === 0) easel.put(what); // by keyboard: one that is ready to be moved
  else if (easel.sketch?.what === what) easel.cancel();
  else easel.begin(what);
}

/** Change a setting of the selected shape; letters typed in a row are one step. */
function edit(field, change) {
  const shape = drawing.shape;
  if (!shape) return;
  drawing.change(() => change(shape), `${field} ${shape.id}`);
  draw();
}

form.addEventListener("input", ({ target }) => {
  if (target.name === "name") edit("name", (shape) => (shape.name = target.value));
  else if (target.name === "holds") edit("holds", (shape) => (shape.rest.holds = target.value.trim()));
  else if (target.name === "kind") edit("kind", (shape) => become(shape, target.value));
  else if (["dwell", "crowd", "cooldown"].includes(target.name)) edit(target.name, (shape) => (shape.rest[target.name] = number(target.value)));
  else if (target.dataset.axis) corner(target);
});
form.addEventListener("change", () => drawing?.settle());
form.addEventListener("focusout", ({ target }) => {
  drawing?.settle();
  target.removeAttribute?.("data-odd");
  queueMicrotask(draw); // it may be the drawing itself that takes away what has the focus
});
form.addEventListener("submit", (event) => event.preventDefault());

function become(shape, kind) {
  shape.rest.kind = kind;
  if (kind !== "slot") delete shape.rest.holds;
}

/** A number, null for nothing, and what is no number as it was typed (`problems` says so). */
function number(text) {
  const trimmed = text.trim().replace(",", ".");
  if (!trimmed) return null;
  return Number.isFinite(Number(trimmed)) ? Number(trimmed) : text;
}

function corner(input) {
  const value = number(input.value);
  const right = typeof value === "number" && value >= 0 && value <= 100;
  input.setAttribute("aria-invalid", String(!right));
  input.dataset.odd = "typing";
  if (right) edit(`corner ${input.dataset.index}`, (shape) => (shape.points[input.dataset.index][input.dataset.axis] = Math.round(value * 100) / 1e4));
}

$("#corner-list").addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  const shape = drawing.shape;
  if (!button || !shape) return;
  const index = Number(button.dataset.index);
  if (button.dataset.do === "less" && shape.points.length <= 3) return say("A zone has at least three corners.", true);
  const [a, b] = [shape.points[index], shape.points[(index + 1) % shape.points.length]];
  drawing.settle();
  edit("corners", () => {
    if (button.dataset.do === "less") shape.points.splice(index, 1);
    else shape.points.splice(index + 1, 0, [0, 1].map((axis) => Math.round(((a[axis] + b[axis]) / 2) * 1e4) / 1e4));
  });
  drawing.settle();
  const row = $("#corner-list").children[button.dataset.do === "less" ? Math.min(index, shape.points.length - 1) : index + 1];
  $(`[data-do=${button.dataset.do}]`, row).focus();
});

$("#label").addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === ",") {
    event.preventDefault();
    addLabel();
  } else if (event.key === "Backspace" && !event.target.value) {
    const last = drawing.shape?.rest.labels?.at(-1);
    if (last) dropLabel(last);
  }
});
$("#label").addEventListener("input", ({ inputType }) => (inputType ?? "insertReplacementText") === "insertReplacementText" && addLabel()); // chosen from the list
$("#label").addEventListener("change", addLabel); // or left

function addLabel() {
  const input = $("#label");
  const label = input.value.trim();
  input.value = "";
  if (!label || !drawing?.shape) return;
  drawing.settle();
  edit("labels", (shape) => (shape.rest.labels = [...new Set([...(shape.rest.labels ?? []), label])]));
  drawing.settle();
}

function dropLabel(label) {
  drawing.settle();
  edit("labels", (shape) => (shape.rest.labels = shape.rest.labels.filter((other) => other !== label)));
  drawing.settle();
  $("#label").focus();
}

$("#shape-list").addEventListener("click", ({ target, detail }) => {
  const button = target.closest("button");
  if (!button) return;
  const id = Number(button.dataset.id);
  const again = id === drawing.selected;
  if (again && detail === 0) return easel.focus(); // by keyboard
  choose(again ? 0 : id);
  if (!again) say("Chosen. Enter again goes to its corners, Tab to its settings.");
});
$("#shape-list").addEventListener("keydown", (event) => {
  const id = Number(event.target.dataset.id);
  if (!id || (event.key !== "Delete" && event.key !== "Backspace")) return;
  event.preventDefault();
  remove(id);
});
$("#add-zone").addEventListener("click", (event) => add("zone", event));
$("#add-line").addEventListener("click", (event) => add("line", event));
$("#done").addEventListener("click", () => easel.done());
$("#cancel").addEventListener("click", () => easel.cancel());
$("#delete").addEventListener("click", () => remove(drawing.selected));
$("#turn").addEventListener("click", () => {
  drawing.settle();
  edit("turn", (shape) => shape.points.reverse());
  drawing.settle();
  say("The arrow points the other way.");
});
$("#undo").addEventListener("click", () => step("undo"));
$("#redo").addEventListener("click", () => step("redo"));
$("#reset").addEventListener("click", () => {
  drawing.replace(drawing.base.configured);
  draw();
  say("This is what the configuration says. Save makes it hold; Ctrl+Z brings yours back.", true);
  $("#save").focus();
});
$("#camera").addEventListener("change", ({ target }) => {
  history.replaceState(null, "", `#${encodeURIComponent(target.value)}`);
  open(target.value);
});

function step(way) {
  if (!drawing) return;
  easel.cancel();
  const able = way === "undo" ? drawing.undoable : drawing.redoable;
  drawing[way]();
  draw();
  say(able ? `${way === "undo" ? "Undone" : "Done again"}.` : `There is nothing to ${way}.`);
}

addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "s") save();
  else if (event.target.matches("input:not([type=radio], [type=checkbox])")) return; // a text has its own steps back
  else if (key === "z") step(event.shiftKey ? "redo" : "undo");
  else if (key === "y") step("redo");
  else return;
  event.preventDefault();
});
addEventListener("beforeunload", (event) => {
  if ([...drawings.values()].some((own) => own.dirty)) event.preventDefault();
});

// ---- saving

$("#save").addEventListener("click", () => save());

async function save() {
  if (!drawing || saving) return;
  easel.cancel();
  const own = drawing;
  const [first] = problems(own.shapes);
  if (first) return point(first);
  if (!own.dirty) return say(own.base.drawn ? "Everything is saved." : "Nothing is drawn yet.", true);
  const path = `/api/zones/${encodeURIComponent(own.base.camera)}`;
  const sent = JSON.stringify(own.wire);
  saving = true;
  saves += 1;
  draw();
  try {
    const held = own.plain && own.base.drawn
      ? await ask("DELETE", `${path}?version=${own.base.version}`)
      : await ask("PUT", path, { version: own.base.version, ...own.wire });
    // Letters may have been typed meanwhile: then they are not saved yet.
    if (JSON.stringify(own.wire) === sent) own.saved(held);
    else own.rebase(held);
    conflict = null;
    refuse("");
    const when = still.watched === false ? "It holds as soon as the camera program runs." : "It holds from now on.";
    say(`${held.drawn ? "Saved." : "Back to the configuration."} ${when}`, true);
  } catch (error) {
    if (error.status === 409) await clash(own);
    else if (error.status) refuse(`Not saved: ${error.message}`);
    else refuse("Not saved: the server does not answer. What you drew is still here; try again.");
  } finally {
    saving = false;
    draw();
  }
}

/** Say which shape is wrong, and bring the keyboard to what has to be changed. */
function point(problem) {
  const shape = drawing.shapes.find((shape) => shape.id === problem.id);
  choose(problem.id);
  refuse(`Not saved. ${shape.what === "zone" ? "Zone" : "Line"} “${shape.name.trim() || "no name"}”: ${problem.text}.`, "wrong");
  if (problem.field === "points") easel.focus(problem.sides?.[0] ?? 0);
  else form.elements[problem.field]?.focus();
}

async function clash(own) {
  try {
    const plan = await ask("GET", `/api/zones/${encodeURIComponent(own.base.camera)}`);
    if (own === drawing) contest(plan);
  } catch (error) {
    refuse(`Not saved: ${error.message}`);
  }
}

/** Somebody else saved `plan` while these were drawn: neither is overwritten unasked. */
function contest(plan) {
  conflict = plan;
  refuse(`Not saved: somebody else changed the zones of ${plan.camera} meanwhile.`, "conflict");
  draw();
}

$("#theirs").addEventListener("click", () => {
  drawing.rebase(conflict);
  drawing.replace(conflict);
  conflict = null;
  refuse("");
  draw();
  say("This is what they saved. Ctrl+Z brings yours back.", true);
  $("#add-zone").focus();
});
$("#mine").addEventListener("click", () => {
  drawing.rebase(conflict);
  conflict = null;
  refuse("");
  save();
  $("#save").focus();
});

async function ask(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(said.error ?? `status ${answer.status}`), { status: answer.status });
  return said;
}

// ---- parts

/** Tell who cannot see; `aloud` also who can, for a while, in the bar. */
function say(text, aloud = false) {
  clearTimeout(quiet);
  quiet = setTimeout(() => set($("#voice"), text), 150); // keys held down: only where they end
  if (!aloud) return;
  const note = $("#said");
  set(note, text);
  note.hidden = false;
  clearTimeout(note.timer);
  note.timer = setTimeout(() => (note.hidden = true), 6_000);
}

function refuse(text, why = "") {
  const note = $("#refusal");
  set(note, text);
  note.hidden = !text;
  note.dataset.why = why;
  if (text) $("#said").hidden = true;
}

function fill(input, value) {
  // What is being typed is not typed over: "1." is on its way to "1.5".
  if (document.activeElement === input && (input.dataset.odd || number(input.value) === value || input.value.trim() === String(value).trim())) return;
  if (input.value !== String(value)) input.value = value;
  if (input.dataset.axis) input.setAttribute("aria-invalid", "false");
}

function trouble(text) {
  set($("#trouble"), text);
  $("#trouble").hidden = !text;
}

const sentence = (text) => text[0].toUpperCase() + text.slice(1) + (/[.!?…]$/.test(text) ? "" : ".");

const still = new Still($("#stage"), (width, height) => easel.resize(width, height));
begin();
setInterval(look, LOOK);
document.addEventListener("visibilitychange", look);
