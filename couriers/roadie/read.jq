# Roadie: a list of shipments with a `state` and `events[]`; what was refused is `errors[]`.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def digits: if type == "number" then tostring else . end;

def checkpoint($signed_by):
  (.location // {}) as $location
  | {
      time: .occurred_at,
      code: .name,
      codes: [["event", .name] | select(.[1] | type == "string" and . != "")],
      message: (.name // "" | gsub("_"; " ")),
      coordinate: (if ($location.latitude | type) == "number" and ($location.longitude | type) == "number" then
          {latitude: $location.latitude, longitude: $location.longitude}
        else null end),
      signed_by: (if .name == "delivery_confirmed" then $signed_by else null end)
    };

# Asked by id or by tracking number: the answer has both.
def shipment($query):
  (.id | digits) as $id
  | .tracking_number as $own
  | (.deliver_between // {}) as $window
  | (((.delivery_location // {}).address) // {}) as $address
  | ((.signatory_name | filled) // null) as $signed_by
  | .state as $state
  | {
      number: (if any($query.numbers[]; . == $own) then $own else $id end),
      checkpoints: [(.events // [])[] | select(.occurred_at | filled) | checkpoint($signed_by)],
      estimated_delivery: {
        date: (($window.end | filled) // null),
        min: (($window.start | filled) // null),
        max: (($window.end | filled) // null)
      },
      package_count: ([(.items // [])[] | .quantity | numbers] | add | if . == 0 then null else . end),
      destination_city: $address.city,
      signature_requirement: ((.options // {}) | if .over_21_required == true then "adult_signature_required"
        elif .signature_required == true then "signature_required" else null end)
    }
  | if .checkpoints == [] then {number, no_data_yet: "Roadie lists no event yet; the shipment is \($state)"} else . end;

.query as $query
| .body
| if type == "array" then
    [.[] | shipment($query)] | {shipments: (. + [absent($query; "Roadie lists no such shipment")])}
  elif .errors[0]? then
    .errors[0]
    | ([.parameter, .message] | map(filled) | join(": ")) as $reason
    | if .code == 1004 or ($reason | test("not found|couldn.t find"; "i")) then {unknown: $reason}
      elif $reason | test("token|unauthor"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no list of shipments") end
