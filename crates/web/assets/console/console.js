// The console: a description of the API is read, its operations are listed, one of them is shown.
// What is shown stands behind the # of the address: version and operation.

import { Description } from "./description.js";
import { h } from "./dom.js";
import { operationView } from "./operation.js";

const KEY = "waybill-api-key";
const [version, key, showKey, filter, list, main] = ["version", "key", "show-key", "filter", "operations", "operation"].map((id) => document.getElementById(id));
const descriptions = new Map();
let shown = {};

/** The description of a version, read once. */
function described(version) {
  if (!descriptions.has(version)) {
    const read = fetch(`/docs/openapi/${version}.json`).then((answer) => {
      if (!answer.ok) throw new Error(`/docs/openapi/${version}.json answers ${answer.status}`);
      return answer.json();
    });
    descriptions.set(version, read.then((document) => new Description(document)));
    read.catch(() => descriptions.delete(version));
  }
  return descriptions.get(version);
}

/** Shows what the address says. */
async function show() {
  const [wanted, ...rest] = decodeURIComponent(location.hash.slice(1)).split("/");
  if ([...version.options].some((option) => option.value === wanted)) version.value = wanted;
  const chosen = version.value;
  try {
    const description = await described(chosen);
    if (chosen !== version.value) return; // another one was chosen meanwhile
    const id = rest.join("/");
    const operation = description.operations.find((one) => one.id === id) ?? description.operations[0];
    shown = { description, operation };
    listOperations();
    main.replaceChildren(...(operation ? operationView(description, operation, () => key.value) : []));
    main.scrollTop = 0;
    document.title = `${operation?.title ?? "API console"} · Waybill ${chosen}`;
  } catch (error) {
    list.replaceChildren();
    main.replaceChildren(h("p.bad", {}, `The description cannot be read: ${error.message}`));
  }
}

/** The operations by group, those that the filter lets through. */
function listOperations() {
  const words = filter.value.toLowerCase().split(/\s+/);
  const fits = (one) => words.every((word) => `${one.method} ${one.path} ${one.title}`.toLowerCase().includes(word));
  const link = (one) =>
    h("a", { href: `#${version.value}/${encodeURIComponent(one.id)}`, title: one.title, "aria-current": one === shown.operation ? "page" : null },
      h(`span.method.${one.method}`, {}, one.method.toUpperCase()), short(one.path));
  const operations = (shown.description?.operations ?? []).filter(fits);
  const groups = [...new Set(operations.map((one) => one.group))];
  list.replaceChildren(...groups.flatMap((group) => [h("h3", {}, group), ...operations.filter((one) => one.group === group).map(link)]));
}

/** Without the prefix that all have. */
const short = (path) => path.replace(/^\/(tracking\/[\d-]+|v4|waybill\/v1)(?=\/)/, "");

key.value = sessionStorage.getItem(KEY) ?? "";
key.addEventListener("input", () => sessionStorage.setItem(KEY, key.value));
showKey.addEventListener("click", () => {
  const hidden = key.type === "password";
  key.type = hidden ? "text" : "password";
  showKey.textContent = hidden ? "Hide" : "Show";
  showKey.ariaPressed = String(hidden);
});
version.addEventListener("change", () => {
  // The same operation in the other version, where there is one.
  const [, ...rest] = location.hash.slice(1).split("/");
  location.hash = `${version.value}/${rest.join("/")}`;
});
filter.addEventListener("input", listOperations);
addEventListener("hashchange", () => show().then(() => main.focus({ preventScroll: true })));
show();
