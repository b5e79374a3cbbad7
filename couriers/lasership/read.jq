# LaserShip: an order with `Events[]`, newest first, and `Pieces[]`; an error is `Error` and `ErrorMessage`.
# An event tells its moment both in local time and in UTC, so that the offset is known.

def filled: select(type == "string" and . != "");

def seconds: (. + "Z" | fromdateiso8601);

def two: "0\(.)"[-2:];

def offset($local; $utc):
  (($local | seconds) - ($utc | seconds)) as $shift
  | (if $shift < 0 then -$shift else $shift end) as $size
  | if $size <= 50400 and $size % 900 == 0 then
      (if $shift < 0 then "-" else "+" end) + ($size / 3600 | floor | two) + ":" + ($size % 3600 / 60 | floor | two)
    else null end;

def checkpoint:
  .DateTime as $local
  | .UTCDateTime as $utc
  | (try offset($local; $utc) catch null) as $offset
  | {
      time: $local,
      zone: $offset,
      code: .EventType,
      codes: [["event", .EventType], ["text", .EventShortText] | select(.[1] | type == "string" and . != "")],
      message: ((.EventLongText | filled) // ([.EventShortText, .Reason] | map(filled) | join(" - "))),
      location: ([.Location, .City, .State, .Country] | map(filled) | join(", ")),
      city: .City,
      state: .State,
      postal_code: .PostalCode,
      country: .Country,
      signed_by: (first(.Signature2, .Signature | filled | select(test("[A-Za-z]"))) // null),
      events: (if .EventType == "Released" then ["delivered_to_a_location"] else [] end)
    };

.status as $status
| .body
| if .Events then
    (.Destination // {}) as $destination
    | (.Pieces // []) as $pieces
    | ($pieces[0] // {}) as $first
    | {
        checkpoints: [.Events[] | select(.DateTime | filled) | checkpoint],
        estimated_delivery: {date: ((.EstimatedDeliveryDate | filled) // null)},
        weight: (($first.Weight // "" | tostring | filled | select((tonumber? // 0) > 0) | {unit: ($first.WeightUnit // "lb" | ascii_downcase), value: .}) // null),
        package_count: ($pieces | length | if . > 0 then . else null end),
        destination_country: $destination.Country,
        destination_city: $destination.City,
        pieces: (if ($pieces | length) > 1 then [$pieces[] | .TrackingNumber | filled | {number: ., kind: "child"}] else [] end)
      }
    | if .checkpoints == [] then {no_data_yet: "LaserShip lists no event yet"} else {shipments: [.]} end
  elif .Error then
    ((.ErrorMessage | filled) // "LaserShip gave no reason") as $reason
    | if $reason | test("unable to locate|not found|invalid|could not"; "i") then {unknown: $reason}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif $status == 404 then {unknown: "LaserShip knows no such number"}
  else error("no Events") end
