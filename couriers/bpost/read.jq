# bpost: `itemTracking` with `stateInfo[]`, oldest first; what was refused is an exception with a `message`.

def filled: select(type == "string" and . != "");

# An empty element is a text, not an object.
def node: if type == "object" then . else {} end;

# "DistributedNormally - regular": the word and how.
def checkpoint:
  {
    time: .time,
    code: .stateCode,
    codes: [["event", .stateCode], ["text", .stateDescription] | select(.[1] | type == "string" and . != "")],
    message: .stateDescription
  };

def item:
  (.itemDetail | node | .weightInGrams) as $weight
  | ((.addressee | node | .address) // {}) as $address
  | (.pickupPoint | node) as $point
  | {
      checkpoints: [.stateInfo | list[] | objects | select(.time | filled) | checkpoint],
      weight: (($weight | filled | select((tonumber? // 0) > 0) | {unit: "g", value: .}) // null),
      destination_country: ($address.countryCode // null),
      destination_city: ($address.city // null),
      pickup_location: (
        ([$point.name, ([$point.streetName, $point.houseNumber] | map(filled) | join(" ")), ([$point.postalCode, $point.city] | map(filled) | join(" "))]
          | map(filled)
          | join(", ")
          | filled) // null
      )
    };

.status as $status
| .body
| if .itemTracking then
    .itemTracking | item | if .checkpoints == [] then {no_data_yet: "bpost lists no state yet"} else {shipments: [.]} end
  elif .systemException or .businessException then
    ((.systemException // .businessException) | (.message | filled | gsub("\\s+"; " ")) // "bpost gave no reason") as $reason
    | if $status == 404 or ($reason | test("not found|unknown|does not exist"; "i")) then {unknown: $reason}
      elif .systemException then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif $status == 404 then {unknown: "bpost knows no such item"}
  else error("no itemTracking") end
