# DPD ParcelLifeCycleService: `trackingresult` with `statusInfo[]`, oldest first. Texts are boxed in `content`,
# times are local and written as in America, and what is still to come stands there too, not reached.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

def content: if type == "object" then (.content | if type == "object" then .content else . end) else . end;

def text: [. | list[] | content | strings | trim | filled] | join(" ");

def two: "0\(.)" | .[-2:];

# "8/17/2021 7:11:26 PM" -> "2021-08-17T19:11:26"
def moment:
  (filled | capture("^(?<m>[0-9]{1,2})/(?<d>[0-9]{1,2})/(?<y>[0-9]{4}) (?<h>[0-9]{1,2}):(?<i>[0-9]{2}):(?<s>[0-9]{2}) (?<half>[AP]M)$")
    | (((.h | ltrimstr("0") | if . == "" then "0" else . end | tonumber) % 12) + (if .half == "PM" then 12 else 0 end)) as $hour
    | "\(.y)-\(.m | two)-\(.d | two)T\($hour | two):\(.i):\(.s)") // .;

def checkpoint:
  (.description | text) as $description
  | (.label | text) as $label
  | (.location | text) as $place
  | {
      time: (.date | text | moment),
      code: .status,
      codes: [
        # A parcel somebody took from the shop is not one that DPD took over.
        (select(.status == "PickedUp") | ["picked up", $description]),
        ["status", .status],
        ["text", $description]
        | select(.[1] | type == "string" and . != "")
      ],
      message: (if $description != "" then $description else $label end),
      location: $place,
      # "Puurs (BE)"
      city: (($place | capture("^(?<c>.+) [(](?<cc>[A-Z]{2})[)]$") | .c) // null),
      country: (($place | capture("^(?<c>.+) [(](?<cc>[A-Z]{2})[)]$") | .cc) // null)
    };

((.body.Envelope // {}).Body // {}) as $body
| if $body.Fault then
    ([($body.Fault.detail | node) | to_entries[] | .value | objects]) as $details
    | (($details[0] // {}).errorCode // "") as $code
    | (($details[0] // {}).errorMessage // $body.Fault.faultstring // "DPD gave no reason") as $reason
    | if $code | test("AUTHENTICATION|LOGIN|TOKEN") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif ($code | test("PARCEL|NOT_FOUND|NO_DATA|UNKNOWN")) or ($reason | test("not found|unknown|no (data|parcel)"; "i")) then {unknown: $reason}
      elif $reason | test("try again|unavailable|timeout|internal"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else
    (($body.getTrackingDataResponse // {}).trackingresult // error("no trackingresult"))
    | [.statusInfo | list[] | objects | select(.statusHasBeenReached == "true" and ((.date | text) != "")) | checkpoint] as $checkpoints
    | (first(.shipmentInfo | list[] | objects | .serviceDescription | objects | .content | text | filled) // null) as $service
    | if $checkpoints == [] then {no_data_yet: "DPD lists no status yet"}
      else {shipments: [{checkpoints: $checkpoints, service: $service}]} end
  end
