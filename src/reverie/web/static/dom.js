// What both of the operator's pages do to their elements.

export function template(html) {
  // Fixed strings of our own files only: what comes from the server is always set as text.
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content.firstElementChild;
}

export function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function pill(node, kind, text) {
  node.className = `pill ${kind}`.trim();
  set(node, text);
  return node;
}
