# MyDHL Express: `shipments[]`, each with `events[]` and `pieces[]`; what was refused is a problem with
# `title`, `status` and `detail`.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# ---- MyDHL Express

def my_checkpoint($piece):
  (((.serviceArea // [])[0] // {}).description // "") as $place
  | {
      time: "\(.date)T\(.time)",
      zone: ((.GMTOffset | filled) // null),
      code: .typeCode,
      codes: [["event", .typeCode], ["text", .description] | select(.[1] | type == "string" and . != "")],
      message: .description,
      location: ($place | trim),
      # "Leipzig - Germany": the country stands in words.
      city: ($place | split(" - ")[0] | trim),
      signed_by: (if .typeCode == "OK" then ((.signedBy | filled) // null) else null end),
      piece: $piece
    };

def my_shipment:
  ((.receiverDetails // {}).postalAddress // {}) as $receiver
  | (.pieces // []) as $pieces
  | (.shipmentTrackingNumber | tostring) as $own
  | {
      number: $own,
      # What happened to all pieces stands at the shipment, what happened to one at the piece.
      checkpoints: (
        [(.events // [])[] | my_checkpoint(null)]
        | if . != [] then .
          else [$pieces[] | .trackingNumber as $number | (.events // [])[] | my_checkpoint($number)] end
      ),
      estimated_delivery: {date: ((.estimatedTimeOfDelivery | filled) // (.estimatedDeliveryDate | filled) // null)},
      service: ((.productName | filled) // (.description | filled) // null),
      weight: (if (.totalWeight | type) == "number" then
          {unit: (if .unitOfMeasurements == "imperial" then "lb" else "kg" end), value: .totalWeight}
        else null end),
      package_count: (if (.numberOfPieces | type) == "number" then .numberOfPieces else null end),
      destination_country: $receiver.countryCode,
      destination_city: $receiver.cityName,
      pieces: (if ($pieces | length) > 1 then
          [{number: $own, kind: "master"}] + [$pieces[] | .trackingNumber | filled | {number: ., kind: "child"}]
        else [] end)
    };

def refusal($status):
  ((.detail | filled) // (.title | filled) // "DHL gave no reason") as $reason
  | if $status == 404 then {unknown: $reason}
    elif $status == 429 then {trouble: {kind: "retry_later", reason: $reason}}
    elif $status >= 400 and ($reason | test("tracking ?number|not found|no data"; "i")) and ($reason | test("missing") | not) then
      {unknown: $reason}
    else {trouble: {kind: "refused", reason: $reason}} end;

.query as $query
| .status as $status
| .body
| if .shipments | type == "array" then
    if .shipments == [] then
      {unknown: "DHL lists no shipment"}
    else
      [.shipments[] | my_shipment | if .checkpoints == [] then {number, no_data_yet: "DHL lists no event yet"} else . end]
      | {shipments: (. + [absent($query; "DHL lists no such shipment")])}
    end
  elif .title or .detail then
    (if (.status | type) == "number" then .status else $status end) as $told
    | refusal($told)
  else
    error("no shipments")
  end
