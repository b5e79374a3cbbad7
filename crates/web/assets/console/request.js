// A request as it is sent, and as a line for the shell.

/** The address with its parameters, and what is missing. */
export function address(operation, values) {
  const missing = [];
  const query = new URLSearchParams();
  let path = operation.path;
  for (const { name, in: place, required } of operation.parameters) {
    const value = values[`${place} ${name}`] ?? "";
    if (required && !value) missing.push(`${place} ${name}`);
    if (place === "path") path = path.replace(`{${name}}`, value ? encodeURIComponent(value) : `{${name}}`);
    else if (place === "query" && value) query.append(name, value);
  }
  const text = query.toString();
  return { target: text ? `${path}?${text}` : path, missing };
}

/** Headers beside the key. */
export function headers(operation, values, body) {
  const given = operation.parameters.filter((one) => one.in === "header" && values[`header ${one.name}`]);
  const headers = given.map((one) => [one.name, values[`header ${one.name}`]]);
  return body === undefined ? headers : [...headers, ["content-type", "application/json"]];
}

/** The same for a shell. The key stays out of it, and so out of the shell's history. */
export function curl(operation, target, keyHeader, headers, body) {
  const lines = [`curl ${quoted(location.origin + target)}`];
  if (operation.method !== "get") lines.push(`-X ${operation.method.toUpperCase()}`);
  lines.push(`-H "${keyHeader}: $WAYBILL_KEY"`);
  for (const [name, value] of headers) lines.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) lines.push(`-d ${quoted(body)}`);
  return lines.join(" \\\n  ");
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Sends it. Answers what came back, or why nothing did. */
export async function send(method, target, headers, body) {
  const start = performance.now();
  const response = await fetch(target, { method: method.toUpperCase(), headers, body, cache: "no-store", credentials: "omit" });
  const text = await response.text();
  const elapsed = Math.round(performance.now() - start);
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return { status: response.status, ok: response.ok, elapsed, headers: [...response.headers], text: shown };
}
