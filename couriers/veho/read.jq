# Veho: `trackingInfo[]`, each with a `status` and `events[]`; what was refused is `error`.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# The newest event is also what the status says.
def checkpoint($status):
  {
    time: (.date + ((.time | filled | "T" + .) // "")),
    code: .code,
    codes: [["event", .code], ["status", $status], ["text", .description] | select(.[1] | type == "string" and . != "")],
    message: .description,
    location: .location,
    city: ((.location // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2})$") | .c) // null),
    state: ((.location // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2})$") | .s) // null)
  };

def parcel:
  .status as $status
  # Newest first or last: the moments tell.
  | [(.events // [])[] | select(.date | filled)] as $events
  | ([$events[] | "\(.date) \(.time)"] | max) as $newest
  | {
      number: .trackingNumber,
      checkpoints: [$events[] | ("\(.date) \(.time)" == $newest) as $last | checkpoint(if $last then $status else null end)],
      estimated_delivery: {date: ((.estimatedDelivery | filled) // null)}
    };

.query as $query
| .body
| if .trackingInfo | type == "array" then
    [.trackingInfo[] | parcel | if .checkpoints == [] then {number, no_data_yet: "Veho lists no event yet"} else . end]
    | {shipments: (. + [absent($query; "Veho lists no such parcel")])}
  elif .error then
    (.error | if type == "object" then [.message, .details] | map(filled) | join(": ") else tostring end) as $reason
    | if $reason | test("invalid tracking|not found"; "i") then {unknown: $reason}
      elif $reason | test("api ?key|unauthor|forbidden"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no trackingInfo") end
