# TrackingMore v4: `data`, one tracking after it was made and a list of them when read, each with events of the
# first and the last leg in `origin_info.trackinfo[]` and `destination_info.trackinfo[]`, newest first.

def filled: select(type == "string" and . != "");

# The next full hour, when a question registers the number; and a quarter of an hour on, when it reads.
def next_hour: (.now[:13] + ":00:00Z" | fromdateiso8601) + 3600 | todate;

def soon: (.now[:19] + "Z" | fromdateiso8601) + 900 | todate;

def checkpoint($signed_by):
  {
    time: .checkpoint_date,
    code: ((.checkpoint_delivery_substatus | filled) // .checkpoint_delivery_status),
    codes: [["status", .checkpoint_delivery_substatus], ["status", .checkpoint_delivery_status], ["text", .tracking_detail] | select(.[1] | type == "string" and . != "")],
    message: .tracking_detail,
    location: .location,
    city: .city,
    state: .state,
    postal_code: .zip,
    country: .country_iso2,
    signed_by: (if .checkpoint_delivery_status == "delivered" then $signed_by else null end)
  };

def tracking($query):
  ((.signed_by | filled) // null) as $signed_by
  | {
      checkpoints: [
        ((.destination_info // {}).trackinfo // [])[], ((.origin_info // {}).trackinfo // [])[]
        | select(.checkpoint_date | filled)
        | checkpoint($signed_by)
      ],
      estimated_delivery: {date: ((.scheduled_delivery_date | filled) // null)},
      service: ((.service_code | filled) // null),
      destination_country: ((.destination_country | filled) // null),
      destination_city: ((.destination_city | filled) // null)
    }
  | if .checkpoints == [] then {no_data_yet: "TrackingMore lists no event yet"} else {shipments: [.]} end;

.query as $query
| ((.body // {}).meta // {}) as $meta
| ($meta.code // 0) as $code
| (($meta.message | filled) // "TrackingMore gave no reason") as $reason
| .body.data as $data
| if $code == 200 or $code == 201 then
    if ($data | type) == "array" then
      (first($data[] | select(.tracking_number == $query.number)) // null) as $own
      | if $own then $own | tracking($query)
        else {no_data_yet: "TrackingMore does not follow the number yet", next_check_at: ($query | next_hour)} end
    else $data | tracking($query) | if .no_data_yet then .next_check_at = ($query | soon) else . end end
  # There is such a tracking already.
  elif $code == 4101 then {no_data_yet: $reason, next_check_at: ($query | soon)}
  elif any(4102, 4104; . == $code) then {no_data_yet: $reason, next_check_at: ($query | next_hour)}
  elif $code == 401 or $code == 403 or $code == 4001 then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif $code == 429 or $code >= 500 and $code < 600 then {trouble: {kind: "retry_later", reason: $reason}}
  elif $code > 0 then {trouble: {kind: "refused", reason: "\($code): \($reason)"}}
  else error("no meta.code") end
