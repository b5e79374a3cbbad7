# InPost ShipX: a parcel with `tracking_details[]`, newest first; what was refused is `error` and `message`.

def filled: select(type == "string" and . != "");

def checkpoint:
  {
    time: .datetime,
    code: .status,
    codes: [["status", .status] | select(.[1] | type == "string" and . != "")],
    # The statuses are words.
    message: (.status // "" | gsub("_"; " ")),
    location: ((.location | filled) // (.agency | filled) // null)
  };

def machine:
  ((.target_machine_detail // {}) | (.address // {}) as $address | [.name, $address.line1, $address.line2] | map(filled) | join(", ") | filled)
  // (.target_machine_id | filled)
  // null;

.status as $status
| .body
| if .tracking_details | type == "array" then
    (.custom_attributes // {}) as $attributes
    | {
        checkpoints: [.tracking_details[] | select(.datetime | filled) | checkpoint],
        service: ((.service | filled) // null),
        destination_country: "PL",
        pickup_location: ($attributes | machine)
      }
    | if .checkpoints == [] then {no_data_yet: "InPost lists no status yet"} else {shipments: [.]} end
  elif .error then
    ((.message | filled) // .error) as $reason
    | if .error == "resource_not_found" or $status == 404 then {unknown: $reason}
      elif .error | test("token|unauthor|forbidden") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no tracking_details") end
