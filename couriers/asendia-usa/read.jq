# AsendiaOne: `data[]`, a parcel each with `trackingMilestoneEvents[]`, newest first, and how it went in
# `responseStatus`. The offset is always zero, whatever the place: the moment is taken as it stands.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def checkpoint:
  {
    time: .eventOn,
    code: .eventCode,
    codes: [["event", .eventCode], ["text", .eventDescription] | select(.[1] | type == "string" and . != "")],
    message: .eventDescription,
    location: .eventLocation,
    city: ((.eventLocation // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2}) (?<z>[0-9]{5})$") | .c) // null),
    state: ((.eventLocation // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2}) (?<z>[0-9]{5})$") | .s) // null),
    postal_code: ((.eventLocation // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2}) (?<z>[0-9]{5})$") | .z) // null)
  };

.query as $query
| .body
| if .data | type == "array" then
    [
      .data[]
      | (.customerReferenceNumber as $reference | if any($query.numbers[]; . == $reference) then $reference else .trackingNumberVendor end) as $number
      | [(.trackingMilestoneEvents // [])[] | select(.eventOn | filled) | checkpoint]
      | if . == [] then {number: $number, no_data_yet: "Asendia lists no event yet"} else {number: $number, checkpoints: .} end
    ]
    | {shipments: (. + [absent($query; "Asendia lists no such parcel")])}
  else
    ((.responseStatus // .) | (.responseStatusMessage // .message // "Asendia gave no reason") as $reason
    | (.responseStatusCode // 0) as $code
    | if $code == 401 or $code == 403 then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $code == 404 then {unknown: $reason}
      elif $code >= 500 then {trouble: {kind: "retry_later", reason: $reason}}
      elif $code > 0 then {trouble: {kind: "refused", reason: $reason}}
      else error("no data") end)
  end
