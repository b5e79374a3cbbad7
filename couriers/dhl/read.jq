# DHL Shipment Tracking, unified: `shipments[]`, each with `events[]`, newest first; what was refused is a
# problem with `title`, `status` and `detail`.
#
# Answers of MyDHL Express and of the older XML services, as kept or handed over by others, are read as well.

def filled: select(type == "string" and . != "");

def digits: if type == "number" then tostring else . end;

# ---- unified

# The five codes are coarse: of what is on its way or has failed, the text says more.
def codes:
  (.statusCode // "") as $code
  | (select(any("transit", "failure", "unknown"; . == $code)) | ["text", .description], ["text", .status], ["text", .remark]),
    ["status", $code];

def checkpoint($signed_by):
  ((.location // {}).address // {}) as $address
  | {
      time: .timestamp,
      code: ((.statusCode | filled) // .status),
      codes: [codes | select(.[1] | type == "string" and . != "")],
      message: ((.description | filled) // (.status | filled) // (.remark | filled) // ""),
      location: ([$address.addressLocality, $address.countryCode] | map(filled) | join(", ")),
      city: $address.addressLocality,
      postal_code: $address.postalCode,
      country: $address.countryCode,
      signed_by: (if .statusCode == "delivered" then $signed_by else null end)
    };

# A shipment without events has at least a status.
def events: (.events // []) as $events | if $events != [] then $events[] else .status | objects end;

def person: ((.name | filled) // ([.givenName, .familyName] | map(filled) | join(" ") | filled) // null);

def side: .value | select(type == "number");

# Metres, as some services say, become centimetres.
def dimensions:
  . as $size
  | (.length.unitText // "cm") as $unit
  | (if $unit == "m" then 100 else 1 end) as $factor
  | {
      unit: (if $unit == "m" then "cm" else $unit end),
      length: (.length | side | . * $factor | round),
      width: ($size.width | side | . * $factor | round),
      height: ($size.height | side | . * $factor | round)
    };

def web: select(type == "string" and test("^https?://"));

def shipment:
  (.details // {}) as $details
  | ($details.proofOfDelivery // {}) as $proof
  | (($proof.signed // {}) | person) as $signed_by
  | (.id | digits) as $own
  | ((.destination // {}).address // {}) as $destination
  | {
      number: $own,
      checkpoints: [events | select(.timestamp | filled) | checkpoint($signed_by)],
      estimated_delivery: {
        date: ((.estimatedTimeOfDelivery | filled) // null),
        min: (((.estimatedDeliveryTimeFrame // {}).estimatedFrom | filled) // null),
        max: (((.estimatedDeliveryTimeFrame // {}).estimatedThrough | filled) // null)
      },
      service: (($details.product // {}).productName | if type == "string" then . else null end),
      weight: (($details.weight // {}) | if (.value | type) == "number" then {unit: (.unitText // "kg"), value} else null end),
      dimensions: (($details.dimensions // {} | dimensions) // null),
      package_count: ($details.totalNumberOfPieces | if type == "number" then . else null end),
      destination_country: $destination.countryCode,
      destination_city: $destination.addressLocality,
      pieces: (if (($details.pieceIds // []) | length) > 1 then
          [{number: $own, kind: "master"}] + [$details.pieceIds[] | filled | select(. != $own) | {number: ., kind: "child"}]
        else [] end),
      proof_of_delivery: [($proof.signatureUrl, $proof.documentUrl) | web | {kind: "image", url: .}],
      redirect_link: ((.rerouteUrl | web) // null)
    };

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

# ---- XML services

def xml_checkpoint:
  ((.ServiceArea // {}).Description // "" | if type == "string" then gsub("\\s+"; " ") | trim else "" end) as $place
  | (.ServiceEvent // {}) as $event
  | ($event.Description | if type == "string" then gsub("\\s+"; " ") | trim else "" end) as $text
  | {
      time: "\(.Date)T\(.Time)",
      code: $event.EventCode,
      codes: [["event", $event.EventCode], ["text", $text] | select(.[1] | type == "string" and . != "")],
      message: $text,
      location: $place,
      city: ($place | split(" - ")[0] // ""),
      signed_by: (if $event.EventCode == "OK" then ((.Signatory | filled) // null) else null end)
    };

def xml_shipment:
  .AWBNumber as $number
  | (.ShipmentInfo // {})
  | {
      number: $number,
      checkpoints: [.ShipmentEvent | list[] | objects | xml_checkpoint],
      weight: (if (.Weight | type) == "string" and ((.Weight | tonumber?) // -1) >= 0 then
          {unit: (if .WeightUnit == "L" then "lb" else "kg" end), value: .Weight}
        else null end),
      package_count: ((.Pieces | filled | tonumber?) // null)
    };

def xml:
  {shipments: [
    .AWBInfo
    | list[]
    | objects
    | {number: .AWBNumber}
      + ((.Status // {}) as $status
        | if ($status.ActionStatus // "") == "success" then
            xml_shipment | if .checkpoints == [] then {no_data_yet: "DHL lists no event yet"} else . end
          else
            (($status.Condition // {}).ConditionData // $status.ActionStatus // "DHL gave no reason" | tostring) as $reason
            | if $reason | test("no shipments? found|not found"; "i") then {unknown: $reason}
              else {trouble: {kind: "refused", reason: $reason}} end
          end)
  ]};

def refusal($status):
  ((.detail | filled) // (.title | filled) // "DHL gave no reason") as $reason
  | if $status == 404 then {unknown: $reason}
    elif $status == 429 then {trouble: {kind: "retry_later", reason: $reason}}
    elif $status >= 400 and ($reason | test("tracking ?number|not found|no data"; "i")) and ($reason | test("missing") | not) then
      {unknown: $reason}
    else {trouble: {kind: "refused", reason: $reason}} end;

def ours($number):
  if length == 1 then .[0]
  else first(.[] | select((.id // .shipmentTrackingNumber | digits) == $number)) // .[0] end;

.query as $query
| .status as $status
| .body
| if .TrackingResponse then .TrackingResponse | xml
  elif .ErrorResponse then {trouble: {kind: "refused", reason: "DHL refused the request"}}
  elif .shipments | type == "array" then
    if .shipments == [] then
      {unknown: "DHL lists no shipment"}
    else
      .shipments
      | ours($query.number)
      | (if .shipmentTrackingNumber then my_shipment else shipment end)
      | .number = $query.number
      | if .checkpoints == [] then {no_data_yet: "DHL lists no event yet"} else {shipments: [.]} end
    end
  elif .title or .detail then
    (if (.status | type) == "number" then .status else $status end) as $told
    | refusal($told)
  else
    error("no shipments")
  end
