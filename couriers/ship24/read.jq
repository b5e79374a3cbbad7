# Ship24: `data.trackings[]` with `shipment` and `events[]`, newest first; what was refused is `errors[]`.

def filled: select(type == "string" and . != "");

# The clock is the place's own; its offset stands apart if Ship24 knows it. Some events have no clock.
def checkpoint($signed_by):
  {
    time: (if .hasNoTime == true then (.occurrenceDatetime // .datetime)[:10] else (.occurrenceDatetime // .datetime) end),
    zone: (if .hasNoTime == true then null else ((.utcOffset | filled) // null) end),
    code: ((.statusCode | filled) // .statusMilestone),
    codes: [["status", .statusCode], ["text", .status], ["milestone", .statusMilestone] | select(.[1] | type == "string" and . != "")],
    message: .status,
    location: .location,
    signed_by: (if .statusMilestone == "delivered" then $signed_by else null end)
  };

def tracking($query):
  (.shipment // {}) as $shipment
  | ($shipment.delivery // {}) as $delivery
  | (($delivery.signedBy | filled) // null) as $signed_by
  | [($shipment.trackingNumbers // [])[] | .tn | filled | select(. != $query.number)] as $others
  | {
      checkpoints: [(.events // [])[] | select((.occurrenceDatetime // .datetime) | filled) | checkpoint($signed_by)],
      estimated_delivery: {date: (($delivery.estimatedDeliveryDate | filled) // null)},
      service: (($delivery.service | filled) // null),
      destination_country: (($shipment.destinationCountryCode | filled) // null),
      destination_city: (($shipment.recipient // {}).city),
      last_mile: (if $others != [] then {slug: null, number: $others[-1]} else null end)
    };

.query as $query
| .status as $status
| .body
| if ((.data // {}).trackings | type) == "array" then
    .data.trackings
    | if . == [] then {unknown: "Ship24 lists no tracking"}
      else .[0] | tracking($query) | if .checkpoints == [] then {no_data_yet: "Ship24 lists no event yet"} else {shipments: [.]} end end
  elif .errors[0]? then
    .errors[0]
    | (.code // "") as $code
    | ((.message | filled) // $code) as $reason
    | if $status == 404 or ($code | test("not_found")) then {unknown: $reason}
      elif $code | test("auth|key|token|subscription|plan") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $code | test("quota|limit|rate|unavailable") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end
  else error("no trackings") end
