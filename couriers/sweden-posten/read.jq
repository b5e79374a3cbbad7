# PostNord Track and Trace v5: `TrackingInformationResponse.shipments[]`, each with `items[]`, the parcels,
# each with `events[]`, oldest first. An unknown number is an empty list; a fault is `compositeFault`.

def filled: select(type == "string" and . != "");

def digits: if type == "number" then tostring else . end;

def unique_in_order: reduce .[] as $one ([]; if any(.[]; . == $one) then . else . + [$one] end);

def checkpoint($piece; $signed_by):
  (.location // {}) as $location
  | {
      time: .eventTime,
      code: ((.eventCode | digits) // .status),
      codes: [["event", (.eventCode | digits)], ["status", .status] | select(.[1] | type == "string" and . != "")],
      message: .eventDescription,
      location: ([$location.name, $location.city, $location.country] | map(filled) | unique_in_order | join(", ")),
      city: ((($location.city | filled) // ($location.name | filled)) // null),
      postal_code: ($location.postcode | digits),
      country: $location.countryCode,
      signed_by: (if .status == "DELIVERED" then $signed_by else null end),
      piece: $piece
    };

def measure: (.value | digits | filled) as $value | {unit: (.unit // "kg"), value: $value};

def shipment($number):
  (.items // []) as $items
  | ($items | length > 1) as $several
  | ((.consignee // {}).address // {}) as $consignee
  | (first($items[] | select(.itemId == $number)) // $items[0] // {}) as $main
  | {
      checkpoints: [
        $items[]
        | (if $several then .itemId else null end) as $piece
        | (((.acceptor // {}).name | filled) // null) as $signed_by
        | (.events // [])[]
        | select(.eventTime | filled)
        | checkpoint($piece; $signed_by)
      ],
      estimated_delivery: {date: ((.estimatedTimeOfArrival | filled) // ($main.estimatedTimeOfArrival | filled) // null)},
      service: (((.service // {}).name | filled) // null),
      weight: ((((.totalWeight // .assessedWeight // ($main.statedMeasurement // {}).weight // ($main.assessedMeasurement // {}).weight // {}) | measure)) // null),
      package_count: (.assessedNumberOfItems | if type == "number" then . else null end),
      destination_country: (($consignee.countryCode | filled) // null),
      destination_city: (($consignee.city | filled) // null),
      pieces: (if $several then
          [{number: .shipmentId, kind: "master"}]
          + [.shipmentId as $own | $items[] | .itemId | filled | select(. != $own) | {number: ., kind: "child"}]
        else [] end)
    };

def fault:
  (((.faults // [])[0] // {}) | (.explanationText // .faultCode // "PostNord gave no reason")) as $reason
  | if $reason | test("not found|no shipment|invalid|unknown"; "i") then {unknown: $reason}
    elif $reason | test("api ?key|authoriz"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
    elif $reason | test("unavailable|internal|time"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
    else {trouble: {kind: "refused", reason: $reason}} end;

.query as $query
| .body
| (.TrackingInformationResponse // error("no TrackingInformationResponse"))
| if (.shipments // []) != [] then
    .shipments
    # A search by reference may find several; the newest stands first.
    | (first(.[] | select(.shipmentId == $query.number or any((.items // [])[]; .itemId == $query.number))) // .[0])
    | shipment($query.number)
    | if .checkpoints == [] then {no_data_yet: "PostNord lists no event yet"} else {shipments: [.]} end
  elif (.compositeFault // null) != null and ((.compositeFault.faults // []) != []) then .compositeFault | fault
  else {unknown: "PostNord knows no shipment"} end
