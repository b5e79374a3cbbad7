# Hermes Germany HSI: `shipmentinfo[]`, each with `status[]`, oldest first, or with a `result` that says why not.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def checkpoint:
  (.scanningUnit // {}) as $unit
  | {
      time: .timestamp,
      code: .code,
      codes: [["event", .code], ["text", .description] | select(.[1] | type == "string" and . != "")],
      message: .description,
      location: ([$unit.name, $unit.city, $unit.countryCode] | map(filled) | join(", ")),
      city: $unit.city,
      country: $unit.countryCode
    };

def estimated:
  (.deliveryForecast // {})
  | ((.date | filled) // null) as $day
  | (.timeSlot // {}) as $slot
  | if $day == null then null
    else {
      date: $day,
      min: (($slot.from | filled | "\($day)T\(.)") // null),
      max: (($slot.to | filled | "\($day)T\(.)") // null)
    } end;

.query as $query
| .body
| if .shipmentinfo | type == "array" then
    [
      .shipmentinfo[]
      | (.receiverAddress // {}) as $to
      | (.result // {}) as $result
      | {
          number: .shipmentID,
          checkpoints: [(.status // [])[] | select(.timestamp | filled) | checkpoint],
          estimated_delivery: estimated,
          destination_country: $to.countryCode,
          destination_city: $to.city
        }
      | if .checkpoints != [] then .
        elif $result.code then {number, unknown: ($result.message // $result.code)}
        else {number, no_data_yet: "Hermes lists no status yet"} end
    ]
    | {shipments: (. + [absent($query; "Hermes lists no such shipment")])}
  elif .errors[0]? or .message then
    ((.errors // [])[0] // .) as $error
    | ($error.message // $error.code // "Hermes gave no reason") as $reason
    | {trouble: {kind: "refused", reason: $reason}}
  else error("no shipmentinfo") end
