# Yanwen: `code` 0 and `result[]`, each with `checkpoints[]`. Codes are two letters for the stage and two
# digits for the step: PU picked up, SC sorting centre, EC export customs, LH line haul, IC import customs,
# LM last mile.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# "+8" -> "+08:00"; "+5.5" -> "+05:30"
def offset:
  (filled | capture("^(?<s>[+-])(?<h>[0-9]{1,2})([.:](?<m>[0-9]{1,2}))?$")
    | (.m // "0") as $part
    | .s + ("0\(.h)" | .[-2:]) + ":" + (if $part == "5" then "30" elif $part == "75" then "45" elif $part == "0" then "00" else $part end))
  // null;

def checkpoint:
  (.tracking_status // "") as $code
  | {
      time: .time_stamp,
      zone: (.time_zone | offset),
      code: $code,
      codes: [["event", $code], ["text", .message], ["stage", $code[:2]] | select(.[1] | type == "string" and . != "")],
      message: .message,
      location: .location
    };

.query as $query
| .body
| if .code == 0 and (.result | type) == "array" then
    [
      .result[]
      | {number: .tracking_number}
        + (if .tracking_status == "NOTFOUND" then {unknown: "Yanwen knows no such parcel"}
          else
            [(.checkpoints // [])[] | select(.time_stamp | filled) | checkpoint]
            | if . == [] then {no_data_yet: "Yanwen lists no event yet"} else {checkpoints: .} end
          end)
    ]
    | {shipments: (. + [absent($query; "Yanwen lists no such parcel")])}
  elif .code then
    (.message // "Yanwen gave no reason") as $reason
    | if $reason | test("auth|customer|token"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("busy|later|timeout|frequen"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: "\(.code): \($reason)"}} end
  else error("no result") end
