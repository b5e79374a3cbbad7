// Making elements. Text goes in as text: nothing that an API answers becomes markup.

/** An element with properties, listeners (`onclick`) and children; what is null is left out. */
export function h(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [property, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null) continue;
    if (property in element) element[property] = value;
    else element.setAttribute(property, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A button that copies a text. */
export function copyButton(text) {
  const button = h("button", { type: "button", onclick: copy }, "Copy");
  async function copy() {
    await navigator.clipboard.writeText(text());
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
  // Without a secure context a browser has no clipboard.
  return navigator.clipboard ? button : null;
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** JSON text with its parts told apart by colour. */
export function highlighted(json) {
  const parts = [];
  let end = 0;
  for (const token of json.matchAll(TOKEN)) {
    const kind = token[2] ? "name" : token[1] ? "string" : token[3] ? "word" : "number";
    const text = token[1] ?? token[0];
    parts.push(json.slice(end, token.index), h(`span.${kind}`, {}, text));
    end = token.index + text.length;
  }
  return [...parts, json.slice(end)];
}
