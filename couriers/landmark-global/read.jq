# Landmark Global v2: `TrackResponse.Result.Packages.Package[]` with `Events.Event[]`, oldest first, in local
# time; what was refused is `Errors.Error[]`.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

# "09/25/2025 02:05 PM" -> "2025-09-25T14:05:00"
def moment:
  (filled | capture("^(?<m>[0-9]{2})/(?<d>[0-9]{2})/(?<y>[0-9]{4}) (?<h>[0-9]{2}):(?<i>[0-9]{2}) (?<half>[AP]M)$")
    | (((.h | ltrimstr("0") | tonumber) % 12) + (if .half == "PM" then 12 else 0 end)) as $hour
    | "\(.y)-\(.m)-\(.d)T\("0\($hour)"[-2:]):\(.i):00") // .;

def checkpoint:
  (.Location // "" | if type == "string" then split(", ") else [] end) as $place
  | {
      time: (.DateTime | moment),
      code: .EventCode,
      codes: [["event", .EventCode], ["text", .Status] | select(.[1] | type == "string" and . != "")],
      message: .Status,
      location: (if ($place | length) > 0 then $place | join(", ") else null end),
      city: $place[0],
      state: (if ($place | length) == 3 then $place[1] else null end),
      country: (if ($place | length) > 1 then $place[-1] else null end)
    };

# Who delivers, as far as it has a slug.
def slug_of: {"Canada Post": "canada-post", USPS: "usps", Purolator: "purolator", "Royal Mail": "royal-mail", "Australia Post": "australia-post", DHL: "dhl", UPS: "ups", FedEx: "fedex", "La Poste": "la-poste-colissimo"}[. // ""];

def package($query; $carrier):
  .TrackingNumber as $number
  | {
      checkpoints: [(.Events | node | .Event) | list[] | objects | checkpoint],
      last_mile: (($number | filled | select(. != $query.number) | {slug: ($carrier | slug_of), number: .}) // null)
    };

.query as $query
| .body.TrackResponse
| if . == null then error("no TrackResponse")
  elif .Errors then
    ((.Errors.Error | list)[0] // {}) as $error
    | (($error.ErrorMessage | filled) // "Landmark gave no reason") as $reason
    | if $error.ErrorCode == "Login" then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $reason | test("not found|no (package|shipment|tracking)|could not find"; "i") then {unknown: $reason}
      else {trouble: {kind: "refused", reason: "\($error.ErrorCode): \($reason)"}} end
  else
    ((.Result // {}).ShipmentDetails | node | .EndDeliveryCarrier) as $carrier
    | [((.Result // {}).Packages | node | .Package) | list[] | objects]
    | (first(.[] | select([.TrackingNumber, .LandmarkTrackingNumber, .PackageReference] | any(. == $query.number))) // .[0])
    | if . == null then {unknown: "Landmark lists no package"}
      else package($query; $carrier) | if .checkpoints == [] then {no_data_yet: "Landmark lists no event yet"} else {shipments: [.]} end end
  end
