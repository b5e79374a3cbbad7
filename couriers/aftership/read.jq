# AfterShip 2025-07: `data`, one tracking after it was made and `data.trackings[]` when read, each with
# `checkpoints[]`, oldest first; how it went is `meta.code`. Sub-statuses are our own.

def filled: select(type == "string" and . != "");

# The next full hour, when a question registers the number; and a quarter of an hour on, when it reads.
def next_hour: (.now[:13] + ":00:00Z" | fromdateiso8601) + 3600 | todate;

def soon: (.now[:19] + "Z" | fromdateiso8601) + 900 | todate;

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

def tracking($query):
  ((.signed_by | filled) // null) as $signed_by
  | ((.courier_estimated_delivery_date // .latest_estimated_delivery // {}) | if type == "object" then . else {} end) as $estimated
  | (.last_mile // {}) as $last
  | {
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
      last_mile: (($last.tracking_number | filled | select(. != $query.number) | {slug: ($last.slug // null), number: .}) // null)
    }
  | if .checkpoints == [] then {no_data_yet: "AfterShip lists no checkpoint yet"} else {shipments: [.]} end;

.query as $query
| ((.body // {}).meta // {}) as $meta
| ($meta.code // 0) as $code
| (($meta.message | filled) // "AfterShip gave no reason") as $reason
| (.body.data // {}) as $data
| if $code == 200 or $code == 201 then
    if $data.trackings then
      (first($data.trackings[] | select(.tracking_number == $query.number)) // null) as $own
      | if $own then $own | tracking($query)
        else {no_data_yet: "AfterShip does not follow the number yet", next_check_at: ($query | next_hour)} end
    else ($data.tracking // $data) | tracking($query) | if .no_data_yet then .next_check_at = ($query | soon) else . end end
  elif $code == 4003 then {no_data_yet: $reason, next_check_at: ($query | soon)}
  elif $code == 4004 then {no_data_yet: $reason, next_check_at: ($query | next_hour)}
  elif any(4005, 4010, 4012, 4017; . == $code) then {unknown: $reason}
  elif $code == 401 or $code == 403 then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif $code == 429 or ($code >= 500 and $code < 600) then {trouble: {kind: "retry_later", reason: $reason}}
  elif $code > 0 then {trouble: {kind: "refused", reason: "\($code): \($reason)"}}
  else error("no meta.code") end
