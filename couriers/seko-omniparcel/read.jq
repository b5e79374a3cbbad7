# SEKO Omni-Parcel: a list of consignments with `Events[]`, oldest first; what was refused is `Errors[]`.
# `OmniCode` is SEKO's own code, `Code` that of the carrier who told it. Times have no zone.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def checkpoint($parts):
  {
    time: .EventDT,
    code: .OmniCode,
    codes: [["event", .OmniCode], ["text", .Description] | select(.[1] | type == "string" and . != "")],
    message: .Description,
    location: .Location,
    # "Egham, Surrey,GB": the country stands last.
    country: ((.Location // "" | filled | capture("(^|[, ])(?<c>[A-Z]{2})$") | .c) // null),
    piece: (if $parts > 1 and (.Part | type) == "number" then "\(.Part)" else null end)
  };

def consignment:
  (.Events // []) as $events
  | ([$events[] | .Part | numbers] | unique | length) as $parts
  | {
      number: .ConsignmentNo,
      checkpoints: [$events[] | select(.EventDT | filled) | checkpoint($parts)],
      package_count: (if $parts > 1 then $parts else null end)
    };

.query as $query
| .body
| if type == "array" then
    [.[] | consignment | if .checkpoints == [] then {number, no_data_yet: "SEKO lists no event yet"} else . end]
    | {shipments: (. + [absent($query; "SEKO lists no such consignment")])}
  elif .Errors then
    ((.Errors | list)[0] // {}) as $error
    | ([$error.Property, $error.Message] | map(filled) | join(": ")) as $reason
    | if $reason | test("access.?key|unauthor|authent"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("not found|no such|unknown consignment"; "i") then {unknown: $reason}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no list of consignments") end
