// One operation: what it takes, what it answers, and a form to try it.

import { copyButton, h, highlighted } from "./dom.js";
import { address, curl, headers, send } from "./request.js";

/** The view of an operation; `key` gives the API key that was typed. */
export function operationView(description, operation, key) {
  const values = {};
  const body = operation.body && h("textarea", { spellcheck: false, ariaLabel: "Body", oninput: refresh });
  const fill = (all) => {
    body.value = JSON.stringify(operation.body.example ?? description.example(operation.body.schema, all), null, 2);
    refresh();
  };
  const snippet = h("pre");
  const answer = h("div", { ariaLive: "polite" });
  const button = h("button.main", { type: "submit" }, "Send");
  const fault = h("span.bad");
  const inputs = new Map();

  function refresh() {
    const { target } = address(operation, values);
    snippet.textContent = curl(operation, target, description.keyHeader, headers(operation, values, body?.value), body?.value);
    fault.textContent = body ? faultOf(body.value) : "";
  }

  async function submit(event) {
    event.preventDefault();
    const { target, missing } = address(operation, values);
    for (const [name, input] of inputs) input.classList.toggle("missing", missing.includes(name));
    if (missing.length) return inputs.get(missing[0]).focus();
    const given = headers(operation, values, body?.value);
    button.disabled = true;
    try {
      answer.replaceChildren(...answerView(await send(operation.method, target, [[description.keyHeader, key()], ...given], body?.value)));
    } catch (error) {
      answer.replaceChildren(h("p.bad", {}, `No answer: ${error.message}. Does the server run?`));
    }
    button.disabled = false;
    answer.scrollIntoView({ block: "nearest" });
  }

  const rows = operation.parameters.map((parameter) => parameterRow(description, parameter, values, inputs, refresh));
  const view = [
    h("h2", {}, operation.title),
    h("div.address.mono", {}, h(`span.method.${operation.method}`, {}, operation.method.toUpperCase()), operation.path),
    operation.text && h("p.text", {}, operation.text),
    h("form", { onsubmit: submit },
      rows.length ? [h("h3", {}, "Parameters"), h("table", {}, rows)] : null,
      body ? [
        h("h3", {}, "Body"), body,
        h("div.row", {},
          h("button", { type: "button", onclick: () => fill(false) }, "What is required"),
          h("button", { type: "button", onclick: () => fill(true) }, "Every field"), fault),
        fieldsView(description, operation.body.schema, "Its fields"),
      ] : null,
      h("div.row", {}, button)),
    answer,
    h("div.row.end", {}, h("h3", {}, "curl"), copyButton(() => snippet.textContent)),
    snippet,
    h("h3", {}, "Answers"),
    ...operation.responses.map(([code, response]) => responseView(description, code, response)),
  ];
  if (body) fill(false);
  refresh();
  return view.filter(Boolean);
}

function parameterRow(description, parameter, values, inputs, changed) {
  const name = `${parameter.in} ${parameter.name}`;
  const schema = description.schema(parameter.schema);
  const choices = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
  const noted = (event) => {
    values[name] = event.target.value;
    changed();
  };
  const shared = { oninput: noted, ariaLabel: parameter.name };
  const input = choices
    ? h("select", shared, h("option", { value: "" }, "—"), choices.map((one) => h("option", { value: one }, String(one))))
    : h("input", { ...shared, placeholder: String(schema.example ?? schema.examples?.[0] ?? ""), spellcheck: false, autocomplete: "off" });
  inputs.set(name, input);
  const kind = `${parameter.in}, ${description.typeOf(parameter.schema)}`;
  return h("tr", {},
    h("td", {}, h(parameter.required ? "span.required" : "span", {}, parameter.name)),
    h("td", {}, input, h("div.quiet", {}, [kind, parameter.description].filter(Boolean).join(" · "))));
}

function responseView(description, code, response) {
  const schema = response?.content?.["application/json"]?.schema;
  return h("div.response", {},
    h(code < "400" ? "span.good" : "span.bad", {}, code), " ", response?.description ?? "",
    schema ? fieldsView(description, schema, "Its fields") : null);
}

/** A tree of fields, opened a level at a time. */
function fieldsView(description, given, title) {
  const schema = description.fieldsOf(given);
  if (!schema) return null;
  const details = h("details", { ontoggle: open }, h("summary.quiet", {}, title));
  function open() {
    if (!details.open || details.children.length > 1) return;
    details.append(h("div.schema", {}, Object.entries(schema.properties).map(([name, field]) => fieldView(description, name, field, schema.required?.includes(name)))));
  }
  return details;
}

function fieldView(description, name, given, required) {
  const field = description.schema(given);
  const words = field.enum ? `one of ${field.enum.map((one) => JSON.stringify(one)).join(", ")}` : "";
  return h("div", {},
    h(required ? "code.required" : "code", {}, name), " ", h("span.quiet", {}, description.typeOf(given)),
    field.description || words ? h("div.text", {}, [field.description, words].filter(Boolean).join("\n")) : null,
    fieldsView(description, given, "fields"));
}

function answerView({ status, ok, elapsed, headers, text }) {
  return [
    h("div.row.end", {},
      h("h3", {}, h(ok ? "span.good" : "span.bad", {}, String(status)), h("span.quiet", {}, ` in ${elapsed} ms`)),
      copyButton(() => text)),
    h("details", {}, h("summary.quiet", {}, "Headers"), h("pre", {}, headers.map(([name, value]) => `${name}: ${value}`).join("\n"))),
    h("pre", {}, highlighted(text)),
  ];
}

function faultOf(text) {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return error.message;
  }
}
