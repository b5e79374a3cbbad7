// Tells the story of ../cases.json through one Node SDK; a line of JSON for every case.
//
// What to do comes as JSON on standard input: the SDK's row of ../sdks.json, the servers and the keys.
"use strict";

const fs = require("fs");
const path = require("path");
const { isDeepStrictEqual } = require("util");
const sdks = require("./sdks");

const VERSIONS = ["v4", "2023-10", "2024-01", "2024-04", "2024-07", "2024-10", "2025-01", "2025-04", "2025-07", "2026-01", "2026-07"];
const PATIENCE_MS = 20_000;
const HASTE = 30; // requests at once where the limit is at most ten a second

async function main() {
  const job = JSON.parse(fs.readFileSync(0, "utf8"));
  const story = JSON.parse(fs.readFileSync(path.join(__dirname, "../cases.json"), "utf8"));
  for (const mode of job.modes) await new Telling(job, story, mode).tell();
}

/** The story in one way to authenticate. */
class Telling {
  constructor(job, story, mode) {
    Object.assign(this, { job, story, mode, kept: {} });
    this.version = VERSIONS.indexOf(job.sdk.version);
    this.adapter = sdks.adapter(job.sdk);
    this.unique = String(1e9 + Math.floor(Math.random() * 9e9));
  }

  async tell() {
    const client = this.client("");
    for (const one of this.story.cases) {
      const isMeant = !(one.not_for || []).some((label) => this.job.label.startsWith(label));
      if (!isMeant || !this.adapter.has(client, one.call)) continue;
      const why = await this.run(one).catch((error) => this.adapter.text(error));
      this.report(one.call, one.case, why);
    }
    for (const method of this.adapter.untold()) this.report("every method", method, "no case calls it");
  }

  report(call, name, why) {
    console.log(JSON.stringify({ mode: this.mode.kind, call, case: name, why: why || null }));
  }

  async run(one) {
    const client = this.client(one.as || "");
    const [of, body, query] = ["path", "body", "query"].map((part) => this.resolve(one[part]));
    const call = async () => this.adapter.call(client, one.call, of || [], body, query);
    if (one.fails) return this.fails(call, one.fails, one.as === "hasty");
    let answer = await call();
    const end = Date.now() + PATIENCE_MS;
    while (differs(this.resolve(one.until || {}), answer) && Date.now() < end) {
      await new Promise((wake) => setTimeout(wake, 100));
      answer = await call();
    }
    if (one.keep) this.kept[one.keep] = answer;
    for (const [name, wanted] of Object.entries(this.resolve(one.has || {}))) {
      if (answer[name].every((item) => differs(wanted, item))) return `${name} has none like ${JSON.stringify(wanted)}`;
    }
    return differs(this.resolve(one.gives || {}), answer);
  }

  async fails(call, code, hasty) {
    const [type, status, name] = this.story.errors[code];
    const seen = () =>
      call().then(
        (answer) => ({ answer }),
        (error) => this.adapter.failure(error) || { error: this.adapter.text(error) },
      );
    const failures = await Promise.all(Array.from({ length: hasty ? HASTE : 1 }, seen));
    const faults = failures.map((failure) => refused({ code, type, status, name }, failure));
    return faults.includes(null) ? null : faults[0];
  }

  client(who) {
    let { server, keys, limited } = this.job;
    let { kind, key, secret } = this.mode;
    if (who === "hasty") [server, kind, key] = [limited.server, "API_KEY", limited.key];
    if (who === "scoped key") [kind, key] = ["API_KEY", keys.scoped];
    if (who === "wrong key" || (who === "wrong secret" && kind === "API_KEY")) key = "wrong";
    if (who === "wrong secret") secret = kind === "RSA" ? keys.stranger : "wrong";
    return this.adapter.client(server, kind, key, secret);
  }

  /** Takes members of other versions out, spreads objects, puts in what was kept. */
  resolve(value) {
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (value && typeof value === "object") {
      const members = {};
      for (const [key, item] of Object.entries(value)) {
        const [name, versions] = key.split("@");
        if (versions && !this.isWithin(versions)) continue;
        if (name === "...") Object.assign(members, this.resolve(this.story.objects[item.slice(1)]));
        else members[name] = this.resolve(item);
      }
      return members;
    }
    if (typeof value !== "string") return value;
    if (!value.startsWith("$")) return value.replaceAll("{unique}", this.unique);
    return value.slice(1).split(".").reduce((found, name) => found[name], this.kept);
  }

  isWithin(versions) {
    const [first, last] = versions.split("..");
    return (!first || VERSIONS.indexOf(first) <= this.version) && (!last || this.version <= VERSIONS.indexOf(last));
  }
}

/** Where what was seen is not what was wanted, or null. */
function differs(wanted, seen, at = "") {
  const off = (what) => `${at} is ${JSON.stringify(seen)}, not ${what}`;
  if (Array.isArray(wanted)) {
    if (!Array.isArray(seen) || seen.length !== wanted.length) return off(`${wanted.length} items`);
    return first(wanted.map((item, index) => differs(item, seen[index], `${at}.${index}`)));
  }
  if (wanted && typeof wanted === "object") {
    if (!seen || typeof seen !== "object") return off("an object");
    return first(Object.entries(wanted).map(([name, item]) => differs(item, seen[name], `${at}.${name}`)));
  }
  // A member that was left out and one that is null are the same to these SDKs.
  return isDeepStrictEqual(wanted ?? null, seen ?? null) ? null : off(JSON.stringify(wanted));
}

const first = (faults) => faults.find((fault) => fault) || null;

/** The same for a refusal; an SDK that does not tell a part of it says nothing of it. */
function refused(wanted, seen) {
  if (seen.code === undefined) return `was not refused: ${JSON.stringify(seen)}`;
  return differs(Object.fromEntries(Object.entries(wanted).filter(([name]) => seen[name] !== undefined)), seen);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
