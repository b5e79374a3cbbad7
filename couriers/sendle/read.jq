# Sendle: a `state`, and `tracking_events[]`, oldest first, with the moment and often the local clock.

def filled: select(type == "string" and . != "");

# "2023-04-04T16:55:00-04:00"; where Sendle does not know the place it repeats the moment.
def checkpoint:
  {
    time: ((.display_time | filled) // .scan_time),
    code: .event_type,
    codes: [["event", .event_type], ["text", .description] | select(.[1] | type == "string" and . != "")],
    message: ([.description, .reason] | map(filled) | join(" - ")),
    location: .location,
    city: ((.location // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2,3})$") | .c) // null),
    state: ((.location // "" | filled | capture("^(?<c>.+), (?<s>[A-Z]{2,3})$") | .s) // null)
  };

def parcel:
  (.scheduling // {}) as $plan
  | {
      checkpoints: [(.tracking_events // [])[] | select((.display_time // .scan_time) | filled) | checkpoint],
      estimated_delivery: {
        date: (($plan.estimated_delivery_date_maximum | filled) // null),
        min: (($plan.estimated_delivery_date_minimum | filled) // null),
        max: (($plan.estimated_delivery_date_maximum | filled) // null)
      },
      destination_country: (((.destination // {}).country | filled) // null)
    };

.status as $status
| .body
| if .error | type == "string" then
    ((.error_description | filled) // .error) as $reason
    | if .error == "not_found" or $status == 404 then {unknown: $reason}
      elif .error | test("unauthor|authent|forbidden") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif .state or .tracking_events then
    parcel | if .checkpoints == [] then {no_data_yet: "Sendle lists no event yet"} else {shipments: [.]} end
  else error("no tracking_events") end
