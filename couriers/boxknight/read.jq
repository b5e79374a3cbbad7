# BoxKnight v1: an order with its present `orderStatus` and no history. When it was made is told; when it got
# where it is only if `updatedAt` is there, and no moment is made up.

def filled: select(type == "string" and . != "");


def order:
  .orderStatus as $status
  | any("CREATED", "GEOCODED"; . == $status) as $made
  | (.recipientAddress // {}) as $to
  | ((.updatedAt | filled) // null) as $updated
  | {
      checkpoints: [
        {
          time: .createdAt,
          code: (if $made then $status else "CREATED" end),
          codes: [["status", (if $made then $status else "CREATED" end)]],
          message: "order received"
        },
        (select($made | not) | select($updated) | {
          time: $updated,
          code: $status,
          codes: [["status", $status]],
          message: ($status | ascii_downcase | gsub("_"; " ")),
          city: (if $status == "DELIVERY_COMPLETED" then $to.city else null end)
        })
        | select(.time | filled)
      ],
      package_count: (if (.packageCount | type) == "number" then .packageCount else null end),
      service: ((.service | filled) // null),
      destination_country: (if $to.country == "Canada" then "CA" else $to.country end),
      destination_city: $to.city,
      signature_requirement: (if .signatureRequired == true then "signature_required" else null end)
    };

.status as $status
| .body
| if .orderStatus then order | if .checkpoints == [] then {no_data_yet: "BoxKnight tells no moment"} else {shipments: [.]} end
  elif .error or .message then
    ((.error // .message) | tostring) as $reason
    | if $status == 404 or ($reason | test("not found"; "i")) then {unknown: $reason}
      elif $reason | test("unauthor|token|forbidden"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
      else {trouble: {kind: "refused", reason: $reason}} end
  else error("no orderStatus") end
