# Asendia Sync: `trackingEvents[]`, oldest first; what was refused is a problem with `title`, `status` and
# `detail`.

def filled: select(type == "string" and . != "");

def checkpoint:
  {
    time: .time,
    code: .code,
    codes: [["event", .code], ["text", .carrierEventDescription] | select(.[1] | type == "string" and . != "")],
    message: .carrierEventDescription,
    location: ([.locationName, .locationCountry] | map(filled) | join(", ")),
    city: .locationName,
    country: .locationCountry
  };

.status as $status
| .body
| if .trackingEvents | type == "array" then
    [.trackingEvents[] | select(.time | filled) | checkpoint]
    | if . == [] then {no_data_yet: "Asendia lists no event yet"} else {shipments: [{checkpoints: .}]} end
  elif .title or .detail then
    ((.detail | filled) // .title) as $reason
    | (if (.status | type) == "number" then .status else $status end) as $told
    | if $told == 404 then {unknown: $reason}
      elif $told >= 500 then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif .trackingNumber then {no_data_yet: "Asendia lists no event yet"}
  else error("no trackingEvents") end
