# AfterShip: `msg` is the tracking, in the form of the webhook's version.

def filled: select(type == "string" and . != "");

def checkpoint($signed_by):
  {
    time: .checkpoint_time,
    code: ((.raw_tag | filled) // .subtag),
    codes: [["sub-status", .subtag], ["tag", .tag] | select(.[1] | type == "string" and . != "")],
    message: .message,
    location: .location,
    city: .city,
    state: .state,
    postal_code: (.postal_code // .zip),
    country: (.country_region // .country_iso3),
    signed_by: (if .tag == "Delivered" then $signed_by else null end)
  };

def tracking:
  .tracking_number as $number
  | ((.signed_by | filled) // null) as $signed_by
  | ((.courier_estimated_delivery_date // .latest_estimated_delivery // {}) | if type == "object" then . else {} end) as $estimated
  | (.last_mile // {}) as $last
  | {
      number: $number,
      checkpoints: [
        (.checkpoints // [])[]
        | select(.checkpoint_time | filled)
        | select(.tag != "Pending" and .tag != "Expired")
        | checkpoint($signed_by)
      ],
      estimated_delivery: {
        date: (($estimated.estimated_delivery_date | filled) // ($estimated.datetime | filled) // null),
        min: (($estimated.estimated_delivery_date_min | filled) // ($estimated.datetime_min | filled) // null),
        max: (($estimated.estimated_delivery_date_max | filled) // ($estimated.datetime_max | filled) // null)
      },
      service: ((.shipment_type | filled) // null),
      package_count: (if (.shipment_package_count | type) == "number" then .shipment_package_count else null end),
      destination_country: ((.destination_country_region // .courier_destination_country_region | filled) // null),
      destination_city: ((.destination_city | filled) // null),
      last_mile: (($last.tracking_number | filled | select(. != $number) | {slug: ($last.slug // null), number: .}) // null)
    };

.body
| if ((.msg // {}).tracking_number | filled) then
    .msg | tracking
    | if .checkpoints == [] then {no_data_yet: "AfterShip tells no checkpoint"} else {shipments: [.]} end
  else error("no msg.tracking_number") end
