# GLS Canada (Dicom) v1: a shipment with `activities[]` and `activityImages[]`; what was refused is `Message`.

def filled: select(type == "string" and . != "");

def web: select(type == "string" and test("^https?://"));

def coordinate:
  ((.latitude // "" | tonumber?) // null) as $latitude
  | ((.longitude // "" | tonumber?) // null) as $longitude
  | if $latitude and $longitude then {latitude: $latitude, longitude: $longitude} else null end;

def checkpoint($several; $signed_by):
  {
    time: .activityDate,
    code: .code,
    # The detail is the finer word, where it is one of the table.
    codes: [
      ["detail", ([.code, .codeDetail] | map(filled) | join("/"))],
      ["event", .code],
      ["group", .group],
      ["text", .statusDetail],
      ["text", .status]
      | select(.[1] | type == "string" and . != "")
    ],
    message: ([.status, .statusDetail] | map(filled) | join(" - ")),
    location: .terminal,
    coordinate: coordinate,
    signed_by: (if .code == "DL" then $signed_by else null end),
    piece: (if $several then .parcelId else null end)
  };

.status as $status
| .body
| if .activities then
    (([.activities[] | .parcelId | filled] | unique | length) > 1) as $several
    | (first((.activityImages // [])[] | .clientName | filled) // null) as $signed_by
    | (.consignee // {}) as $consignee
    | {
        checkpoints: [.activities[] | select(.activityDate | filled) | checkpoint($several; $signed_by)],
        package_count: (if ((.parcels // []) | length) > 0 then (.parcels | length) else null end),
        destination_country: $consignee.countryCode,
        destination_city: $consignee.city,
        proof_of_delivery: [(.activityImages // [])[] | .url | web | {kind: "image", url: .}]
      }
    | if .checkpoints == [] then {no_data_yet: "GLS Canada lists no activity yet"} else {shipments: [.]} end
  elif .Message or .message then
    (.Message // .message) as $reason
    | if $status == 404 or ($reason | test("not found|no tracking|does not exist"; "i")) then {unknown: $reason}
      elif $reason | test("authoriz|denied"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  elif .trackingNumber then {no_data_yet: "GLS Canada lists no activity yet"}
  else error("no activities") end
