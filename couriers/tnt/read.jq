# TNT ExpressConnect Tracking: `TrackResponse.Consignment[]` with `StatusData[]`, newest first, in local time;
# what was refused is `Error`.
#
# Numbers come back after a while, and the answer has them all: of those with the same number, the one to the
# country we know of counts, else the one collected last.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

# "20260203" and "1020" -> "2026-02-03T10:20:00"; the engine sees to the digits.
def text: if type == "object" then .["#text"] else . end;

def day: (text | filled | select(length == 8) | "\(.[:4])-\(.[4:6])-\(.[6:])") // (text // "");

def moment($date; $time):
  ($date | day) + (($time | text | filled | select(length == 4) | "T\(.[:2]):\(.[2:]):00") // "");

def checkpoint($signed_by):
  {
    time: moment(.LocalEventDate; .LocalEventTime),
    code: .StatusCode,
    codes: [["event", .StatusCode], ["text", .StatusDescription] | select(.[1] | type == "string" and . != "")],
    message: .StatusDescription,
    location: ((.DepotName | filled) // .Depot),
    city: ((.DepotName | filled) // null),
    signed_by: (if .StatusCode == "OK" then $signed_by else null end)
  };

def consignment:
  ((.Signatory | filled) // null) as $signed_by
  | .SummaryCode as $summary
  | {
      number: .ConsignmentNumber,
      checkpoints: [.StatusData | list[] | objects | checkpoint($signed_by)],
      package_count: ((.PieceQuantity | text | filled | tonumber?) // null),
      destination_country: ((.DestinationCountry | node | .CountryCode) // null),
      destination_city: ((.DeliveryTown | filled) // null)
    }
  | if .checkpoints != [] then .
    elif $summary == "CNF" then {number, unknown: "TNT knows no such consignment"}
    else {number, no_data_yet: "TNT lists no status yet"} end;

def collected: (.CollectionDate | text) // "";

.query as $query
| .body.TrackResponse
| if . == null then error("no TrackResponse")
  elif .Error then
    ((.Error | list)[0]) as $error
    | ($error.Message // "TNT gave no reason") as $reason
    | if $reason | test("unauthori[sz]ed|password|access"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("not found|no consignment"; "i") then {unknown: $reason}
      elif $reason | test("unavailable|try again|internal"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: "\($error.Code): \($reason)"}} end
  else
    [.Consignment | list[] | objects]
    | group_by(.ConsignmentNumber)
    | map(
        ([.[] | select((.DestinationCountry | node | .CountryCode) == ($query.destination_country_alpha2 // ""))]) as $there
        | (if $there != [] then $there else . end)
        | max_by(collected)
        | consignment
      )
    | {shipments: (. + [absent($query; "TNT lists no such consignment")])}
  end
