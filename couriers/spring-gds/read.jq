# Spring XBS: `ErrorLevel` 0 with a `Shipment`, 1 with warnings, 10 with an `Error`. Events come with local
# time and a Unix moment; the local one is kept, as the place is known and its offset is not.

def filled: select(type == "string" and . != "");

def digits: if type == "number" then tostring else . end;

def checkpoint:
  {
    time: .DateTime,
    code: (.Code | digits),
    codes: [["event", (.Code | digits)], ["text", .Description] | select(.[1] | type == "string" and . != "")],
    message: .Description,
    location: ([.City, .State, .Country] | map(filled) | join(", ")),
    city: .City,
    state: .State,
    postal_code: .Zip,
    country: .Country
  };

# The carriers Spring works with, as far as they have a slug.
def slug_of: {PostNL: "postnl-international", "Royal Mail": "royal-mail", USPS: "usps", Hermes: "hermes-de", DPD: "dpd", GLS: "gls", Colissimo: "colissimo"}[. // ""];

def shipment:
  {
    checkpoints: [(.Events // [])[] | select(.DateTime | filled) | checkpoint],
    service: ((.Service | filled) // null),
    weight: (.WeightUnit as $unit | (.Weight | filled | select((tonumber? // 0) > 0) | {unit: ($unit // "kg"), value: .}) // null),
    last_mile: (
      .TrackingNumber as $own
      | (.Carrier | slug_of) as $slug
      | (.CarrierTrackingNumber | filled | select(. != $own) | {slug: $slug, number: .}) // null
    )
  };

.body
| (.Error // "") as $reason
| if .Shipment then
    .Shipment | shipment | if .checkpoints == [] then {no_data_yet: "Spring lists no event yet"} else {shipments: [.]} end
  elif $reason | test("not found|unknown|no shipment"; "i") then {unknown: $reason}
  elif $reason | test("api ?key|authent|authoriz"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif $reason | test("later|unavailable|limit"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
  elif .ErrorLevel then {trouble: {kind: "refused", reason: $reason}}
  else error("no ErrorLevel") end
