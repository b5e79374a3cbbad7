# Ukrposhta: `found`, items with their events, oldest first, and `notFound`; asked for one item, the list of
# its events alone. Times are local.

def filled: select(type == "string" and . != "");

def digits: if type == "number" then tostring else . end;

# Handed over to the sender is no delivery: the reason tells.
def codes:
  (.event | digits) as $event
  | (.eventReason_id | digits) as $reason
  | ["reason", "\($event)/\($reason)"], ["event", $event], ["text", .eventName];

def checkpoint:
  {
    time: .date,
    code: (.event | digits),
    codes: [codes | select(.[1] | type == "string" and . != "")],
    message: .eventName,
    location: ([.name, .country] | map(filled) | join(", ")),
    city: .name,
    postal_code: .index,
    country: (if .country == "Україна" or .country == "Ukraine" then "UA" else null end)
  };

def item($number):
  [.[] | select(.date | filled) | checkpoint]
  | if . == [] then {number: $number, no_data_yet: "Ukrposhta lists no event yet"} else {number: $number, checkpoints: .} end;

.status as $status
| .body
| if type == "array" then
    if . == [] then {unknown: "Ukrposhta lists no event"} else .[0].barcode as $number | {shipments: [item($number)]} end
  elif .found or .notFound then
    {shipments: (
      [(.found // {}) | to_entries[] | .key as $number | .value | item($number)]
      + [(.notFound // [])[] | {number: ., unknown: "Ukrposhta knows no such item"}]
    )}
  elif .message or .fault or .error then
    ((.message | filled) // ((.fault // {}) | .message) // (.error | if type == "string" then . else tojson end)) as $reason
    | if $status == 404 or ($reason | test("not found"; "i")) then {unknown: $reason}
      elif $reason | test("credential|bearer|token"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no found") end
