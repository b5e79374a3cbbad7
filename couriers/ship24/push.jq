# Ship24: `trackings[]` as an answer has them, each with its `tracker`.

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

def tracking:
  .tracker.trackingNumber as $number
  | (.shipment // {}) as $shipment
  | ($shipment.delivery // {}) as $delivery
  | (($delivery.signedBy | filled) // null) as $signed_by
  | [($shipment.trackingNumbers // [])[] | .tn | filled | select(. != $number)] as $others
  | {
      number: $number,
      checkpoints: [(.events // [])[] | select((.occurrenceDatetime // .datetime) | filled) | checkpoint($signed_by)],
      estimated_delivery: {date: (($delivery.estimatedDeliveryDate | filled) // null)},
      service: (($delivery.service | filled) // null),
      destination_country: (($shipment.destinationCountryCode | filled) // null),
      destination_city: (($shipment.recipient // {}).city),
      last_mile: (if $others != [] then {slug: null, number: $others[-1]} else null end)
    };

.body
| if (.trackings | type) == "array" then
    [.trackings[] | select((.tracker // {}).trackingNumber | filled) | tracking | select(.checkpoints != [])]
    | if . == [] then {no_data_yet: "Ship24 tells no event"} else {shipments: .} end
  else error("no trackings") end
