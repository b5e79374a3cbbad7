# DHL24 WebAPI 2: `getTrackAndTraceInfoResult` with `events.item[]`, newest first, in local time.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def checkpoint($signed_by):
  {
    time: .timestamp,
    code: .status,
    codes: [["status", .status], ["text", .description] | select(.[1] | type == "string" and . != "")],
    message: .description,
    location: .terminal,
    signed_by: (if .status == "DOR" then $signed_by else null end)
  };

(if .body.Envelope then .body.Envelope.Body // {} else .body // {} end) as $body
| if $body.Fault then
    ($body.Fault.faultstring // "DHL gave no reason") as $reason
    | if $reason | test("autoryzac|login|has[lł]o|uprawnie"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("nie (znaleziono|istnieje|odnaleziono)|brak|not found"; "i") then {unknown: $reason}
      elif $reason | test("p[oó][zź]niej|niedost[eę]pn"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else
    (($body.getTrackAndTraceInfoResponse // {}).getTrackAndTraceInfoResult // error("no getTrackAndTraceInfoResult"))
    | ((.receivedBy | filled) // null) as $signed_by
    | [(.events | node | .item) | list[] | objects | select(.timestamp | filled) | checkpoint($signed_by)]
    | if . == [] then {no_data_yet: "DHL lists no event yet"} else {shipments: [{checkpoints: .}]} end
  end
