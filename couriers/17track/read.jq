# 17TRACK v2.2: `data.accepted[]` with `track_info`, or without it after a registration, and `data.rejected[]`.
# Events stand by the courier that told them, newest first.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# The next full hour, when a question registers the number; and a quarter of an hour on, when it reads.
def next_hour: (.now[:13] + ":00:00Z" | fromdateiso8601) + 3600 | todate;

def soon: (.now[:19] + "Z" | fromdateiso8601) + 900 | todate;

def checkpoint($signed_by):
  (.address // {}) as $place
  | {
      time: ((.time_iso | filled) // (.time_utc | filled)),
      code: ((.sub_status | filled) // .stage),
      codes: [["status", .sub_status], ["status", .stage], ["text", .description] | select(.[1] | type == "string" and . != "")],
      message: .description,
      location: .location,
      city: $place.city,
      state: $place.state,
      postal_code: $place.postal_code,
      country: $place.country
    };

def parcel:
  .number as $number
  | .track_info
  | (.time_metrics // {} | .estimated_delivery_date // {}) as $estimated
  | (.misc_info // {}) as $misc
  | (((.shipping_info // {}).recipient_address) // {}) as $to
  | {
      number: $number,
      checkpoints: [((.tracking // {}).providers // [])[] | (.events // [])[] | select((.time_iso // .time_utc) | filled) | checkpoint(null)],
      estimated_delivery: {
        date: (($estimated.to | filled) // null),
        min: (($estimated.from | filled) // null),
        max: (($estimated.to | filled) // null)
      },
      service: (($misc.service_type | filled) // null),
      weight: (($misc.weight_kg // "" | tostring | filled | select((tonumber? // 0) > 0) | {unit: "kg", value: .}) // null),
      package_count: (($misc.pieces // "" | tostring | filled | tonumber?) // null),
      destination_country: $to.country,
      destination_city: $to.city,
      last_mile: (($misc.local_number | filled | select(. != $number) | {slug: null, number: .}) // null)
    }
  | if .checkpoints == [] then {number, no_data_yet: "17TRACK lists no event yet"} else . end;

def rejection:
  (.error.code // 0) as $code
  | (.error.message // "17TRACK gave no reason") as $reason
  | {number}
    # Not registered yet; registered already.
    + (if $code == -18019902 then {no_data_yet: $reason}
      elif $code == -18019901 then {no_data_yet: "17TRACK follows the number"}
      elif any(-18019903, -18019909, -18019910; . == $code) then {unknown: $reason}
      else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end);

.query as $query
| .body
| (.code // 0) as $code
| ((((.data // {}).errors // [])[0] // {}) | .message // "17TRACK gave no reason") as $reason
| if $code == 0 and (.data | type) == "object" and ((.data.accepted // .data.rejected) != null) then
    (.data.rejected // []) as $rejected
    | [
      ((.data.accepted // [])[] | if .track_info then parcel else {number, no_data_yet: "17TRACK follows the number from now on"} end),
      ($rejected[] | rejection)
    ]
    | {shipments: (. + [absent($query; "17TRACK lists no such number")])}
      + (if any($rejected[]; .error.code == -18019902) then {next_check_at: ($query | next_hour)}
        elif any(.[]; .no_data_yet) then {next_check_at: ($query | soon)}
        else {} end)
  elif any(-18010001, -18010002, -18010004; . == $code) then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif any(-18010003, -18019908; . == $code) then {trouble: {kind: "retry_later", reason: $reason}}
  elif $code != 0 then {trouble: {kind: "refused", reason: "\($code): \($reason)"}}
  else error("no data") end
