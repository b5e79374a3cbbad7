# Aramex: `TrackingResults`, pairs of a waybill and its `TrackingResult[]`, newest first, in local time;
# `NonExistingWaybills`; and with `HasErrors` the `Notifications` that say why.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def checkpoint:
  {
    time: .UpdateDateTime,
    code: .UpdateCode,
    codes: [["event", .UpdateCode], ["text", .UpdateDescription] | select(.[1] | type == "string" and . != "")],
    message: ([.UpdateDescription, .Comments] | map(filled) | join(" - ")),
    location: ((.UpdateLocation | filled) // null),
    # "Dubai, United Arab Emirates"
    city: ((.UpdateLocation | filled | split(",")[0]) // null)
  };

((.body.Envelope // {}).Body // {}) as $body
| if $body.Fault then {trouble: {kind: "retry_later", reason: ($body.Fault.faultstring | if type == "object" then .["#text"] else . end)}}
  else
    ($body.ShipmentTrackingResponse // error("no ShipmentTrackingResponse"))
    | ((.Notifications | node | .Notification) | list[0] // {}) as $notification
    | [
        ((.TrackingResults | node) | to_entries[] | select(.key | startswith("KeyValue")) | .value)
        | list[]
        | objects
        | .Key as $number
        | [(.Value | node | .TrackingResult) | list[] | objects | select(.UpdateDateTime | filled) | checkpoint]
        | if . == [] then {number: $number, no_data_yet: "Aramex lists no update yet"} else {number: $number, checkpoints: .} end
      ]
      + [
        ((.NonExistingWaybills | node) | .string)
        | list[]
        | strings
        | {number: ., unknown: "Aramex knows no such waybill"}
      ]
    | if . != [] then {shipments: .}
      elif $notification.Message then
        $notification.Message as $reason
        | if $reason | test("username|password|account|pin|client ?info"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
          else {trouble: {kind: "refused", reason: "\($notification.Code): \($reason)"}} end
      else {unknown: "Aramex lists no waybill"} end
  end
