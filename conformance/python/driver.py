"""Tells the story of ../cases.json through one Python SDK; a line of JSON for every case.

What to do comes as JSON on standard input: the SDK's row of ../sdks.json, the servers and the keys.
"""

import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import sdks

VERSIONS = ["v4", "2023-10", "2024-01", "2024-04", "2024-07", "2024-10", "2025-01", "2025-04", "2025-07", "2026-01", "2026-07"]
PATIENCE_SECONDS = 20
HASTE = 30  # requests at once where the limit is at most ten a second


def main():
    job = json.load(sys.stdin)
    story = json.loads((Path(__file__).parent.parent / "cases.json").read_text(encoding="utf-8"))
    for mode in job["modes"]:
        Telling(job, story, mode).tell()


class Telling:
    """The story in one way to authenticate."""

    def __init__(self, job, story, mode):
        self.job, self.story, self.mode = job, story, mode
        self.version = VERSIONS.index(job["sdk"]["version"])
        self.adapter = sdks.adapter(job["sdk"])
        self.kept = {}
        self.unique = str(random.SystemRandom().randrange(10**9, 10**10))

    def tell(self):
        client = self.client("")
        for case in self.story["cases"]:
            is_meant = not self.job["label"].startswith(tuple(case.get("not_for", [])))
            if not is_meant or not self.adapter.has(client, case["call"]):
                continue
            try:
                why = self.run(case)
            except Exception as error:  # whatever an SDK may raise is a finding
                why = f"{type(error).__name__}: {error}"
            self.report(case["call"], case["case"], why)
        for method in self.adapter.untold():
            self.report("every method", method, "no case calls it")

    def report(self, call, case, why):
        print(json.dumps({"mode": self.mode["kind"], "call": call, "case": case, "why": why}), flush=True)

    def run(self, case):
        client = self.client(case.get("as", ""))
        arguments = [self.resolve(case.get(part)) for part in ("path", "body", "query")]
        call = lambda: self.adapter.call(client, case["call"], *arguments, typed=case.get("typed", False))
        if "fails" in case:
            return self.fails(call, case["fails"], case.get("as") == "hasty")
        answer = call()
        wanted = self.resolve(case.get("until", {}))
        end = time.monotonic() + PATIENCE_SECONDS
        while differs(wanted, answer) and time.monotonic() < end:
            time.sleep(0.1)
            answer = call()
        if "keep" in case:
            self.kept[case["keep"]] = answer
        for name, wanted in self.resolve(case.get("has", {})).items():
            if all(differs(wanted, item) for item in answer[name]):
                return f"{name} has none like {wanted}"
        return differs(self.resolve(case.get("gives", {})), answer)

    def fails(self, call, code, hasty):
        kind, status, name = self.story["errors"][str(code)]
        wanted = {"code": code, "type": kind, "status": status, "name": name}

        def failure(_):
            try:
                return {"answer": call()}
            except Exception as error:
                return self.adapter.failure(error) or {"error": repr(error)}

        if not hasty:
            return refused(wanted, failure(None))
        with ThreadPoolExecutor(HASTE) as pool:
            failures = list(pool.map(failure, range(HASTE)))
        return min((refused(wanted, seen) or "" for seen in failures), key=len) or None

    def client(self, who):
        server, mode, keys = self.job["server"], self.mode, self.job["keys"]
        kind, key, secret = mode["kind"], mode["key"], mode["secret"]
        if who == "hasty":
            server, kind, key = self.job["limited"]["server"], "API_KEY", self.job["limited"]["key"]
        elif who == "scoped key":
            kind, key = "API_KEY", keys["scoped"]
        elif who == "wrong key":
            key = "wrong"
        elif who == "wrong secret":
            # A private key of another pair; with an API key the wrong secret is the key itself.
            key = "wrong" if kind == "API_KEY" else key
            secret = keys["stranger"] if kind == "RSA" else "wrong"
        return self.adapter.client(server, kind, key, secret)

    def resolve(self, value):
        """Takes members of other versions out, spreads objects, puts in what was kept."""
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            members = {}
            for name, item in value.items():
                name, _, versions = name.partition("@")
                if versions and not self.is_within(versions):
                    continue
                if name == "...":
                    members.update(self.resolve(self.story["objects"][item[1:]]))
                else:
                    members[name] = self.resolve(item)
            return members
        if isinstance(value, str) and value.startswith("$"):
            found = self.kept
            for name in value[1:].split("."):
                found = found[name]
            return found
        return value.replace("{unique}", self.unique) if isinstance(value, str) else value

    def is_within(self, versions):
        first, _, last = versions.partition("..")
        return (not first or VERSIONS.index(first) <= self.version) and (not last or self.version <= VERSIONS.index(last))


def differs(wanted, seen, at=""):
    """Where what was seen is not what was wanted, or nothing."""
    if isinstance(wanted, dict):
        if not isinstance(seen, dict):
            return f"{at} is {seen!r}, not an object"
        return next((why for name, item in wanted.items() if (why := differs(item, seen.get(name), f"{at}.{name}"))), None)
    if isinstance(wanted, list):
        if not isinstance(seen, list) or len(seen) != len(wanted):
            return f"{at} is {seen!r}, not {len(wanted)} items"
        pairs = enumerate(zip(wanted, seen))
        return next((why for index, (one, other) in pairs if (why := differs(one, other, f"{at}.{index}"))), None)
    return None if wanted == seen else f"{at} is {seen!r}, not {wanted!r}"


def refused(wanted, seen):
    """The same for a refusal; an SDK that does not tell a part of it says nothing of it."""
    if "code" not in seen:
        return f"was not refused: {seen}"
    return differs({name: value for name, value in wanted.items() if seen.get(name) is not None}, seen)


if __name__ == "__main__":
    main()
