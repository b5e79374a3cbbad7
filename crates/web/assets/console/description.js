// Reading an OpenAPI document: its operations, its schemas, examples made from them.

const METHODS = ["get", "post", "put", "patch", "delete"];
const DEEPEST = 8;

/** What the console needs of a document. */
export class Description {
  constructor(document) {
    this.document = document;
    const server = new URL(document.servers?.[0]?.url ?? "/", location.origin);
    this.base = server.pathname.replace(/\/$/, "");
    const scheme = Object.values(document.components?.securitySchemes ?? {}).find((one) => one.in === "header");
    this.keyHeader = scheme?.name ?? "as-api-key";
    this.operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method]).map((method) => this.operation(method, path, item)),
    );
  }

  operation(method, path, item) {
    const operation = item[method];
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])].map((one) => this.resolve(one));
    const body = this.resolve(operation.requestBody);
    return {
      id: operation.operationId ?? `${method} ${path}`,
      method,
      path: this.base + path,
      title: operation.summary ?? operation.operationId ?? path,
      text: operation.description,
      group: operation.tags?.[0] ?? path.split("/")[1].replaceAll("-", " "),
      parameters,
      body: body?.content?.["application/json"],
      responses: Object.entries(operation.responses ?? {}).map(([code, one]) => [code, this.resolve(one)]),
    };
  }

  /** Follows references; what refers in a circle or nowhere is nothing. */
  resolve(value) {
    for (let steps = 0; value?.$ref && steps < DEEPEST; steps += 1) {
      const { $ref, ...beside } = value;
      const found = $ref.replace(/^#\//, "").split("/").reduce((part, name) => part?.[name.replaceAll("~1", "/").replaceAll("~0", "~")], this.document);
      value = found ? { ...found, ...beside } : undefined;
    }
    return value?.$ref ? undefined : value;
  }

  /** A schema with its references followed and its parts (`allOf`) put together. */
  schema(given) {
    const schema = this.resolve(given) ?? {};
    if (!schema.allOf) return schema;
    return schema.allOf.map((part) => this.schema(part)).reduce((whole, part) => ({
      ...whole, ...part,
      properties: { ...whole.properties, ...part.properties },
      required: [...(whole.required ?? []), ...(part.required ?? [])],
    }), { ...schema, allOf: undefined });
  }

  /** The choices of a schema that is one of several, without "null". */
  choices(schema) {
    return (schema.oneOf ?? schema.anyOf ?? []).map((one) => this.schema(one)).filter((one) => one.type !== "null");
  }

  /** The type in words: `string or null`, `array of object`. */
  typeOf(given) {
    const schema = this.schema(given);
    const choices = (schema.oneOf ?? schema.anyOf ?? []).map((one) => this.typeOf(one));
    if (choices.length) return [...new Set(choices)].join(" or ");
    const types = [schema.type ?? (schema.properties ? "object" : schema.enum ? "string" : "any")].flat();
    return types.map((type) => (type === "array" && schema.items ? `array of ${this.typeOf(schema.items)}` : type)).join(" or ");
  }

  /** The schema whose fields are worth showing: through arrays and choices. */
  fieldsOf(given) {
    const schema = this.schema(given);
    if (schema.properties) return schema;
    if (schema.items) return this.fieldsOf(schema.items);
    return this.choices(schema).map((one) => this.fieldsOf(one)).find((one) => one);
  }

  /** A value that fits; with `all`, every field, else those that have to be there. */
  example(given, all, depth = 0) {
    const schema = this.schema(given);
    const shown = [schema.example, schema.examples?.[0], schema.const, schema.default, schema.enum?.[0]].find((one) => one !== undefined);
    if (shown !== undefined) return shown;
    const [choice] = this.choices(schema);
    if (choice) return this.example(choice, all, depth);
    const [type] = [schema.type ?? (schema.properties ? "object" : "string")].flat().filter((one) => one !== "null");
    if (type === "array") return depth < DEEPEST ? [this.example(schema.items, all, depth + 1)] : [];
    if (type === "integer" || type === "number") return schema.minimum ?? 1;
    if (type === "boolean") return true;
    if (type !== "object") return type === "string" ? "" : null;
    const names = Object.keys(schema.properties ?? {}).filter((name) => all || schema.required?.includes(name));
    return depth < DEEPEST ? Object.fromEntries(names.map((name) => [name, this.example(schema.properties[name], all, depth + 1)])) : {};
  }
}
