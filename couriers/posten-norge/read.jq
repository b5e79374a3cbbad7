# Bring Tracking v2: `consignmentSet[]`, each with `packageSet[]`, each with `eventSet[]`, newest first; a
# consignment that is not found has an `error`.

def filled: select(type == "string" and . != "");

def checkpoint($piece):
  {
    time: .dateIso,
    code: .status,
    codes: [["status", .status], ["text", .description] | select(.[1] | type == "string" and . != "")],
    message: (.description // "" | gsub("<[^>]*>"; "")),
    location: ([.city, .country] | map(filled) | join(", ")),
    city: .city,
    postal_code: .postalCode,
    country: .countryCode,
    signed_by: (((.recipientSignature // {}).name | filled) // null),
    piece: $piece
  };

# "12.03.2026" and "10:00" where the machine's form is absent.
def day: filled | if test("^[0-9]{2}[.][0-9]{2}[.][0-9]{4}$") then "\(.[6:])-\(.[3:5])-\(.[:2])" else . end;

def consignment($number):
  (.packageSet // []) as $packages
  | ($packages | length > 1) as $several
  | (first($packages[] | select(.packageNumber == $number)) // $packages[0] // {}) as $main
  | (.recipientAddress // $main.recipientAddress // {}) as $to
  | {
      checkpoints: [
        $packages[]
        | (if $several then .packageNumber else null end) as $piece
        | (.eventSet // [])[]
        | select(.dateIso | filled)
        | checkpoint($piece)
      ],
      estimated_delivery: {date: (($main.dateOfEstimatedDelivery | day) // null)},
      service: (($main.productName | filled) // null),
      weight: (if ($main.weightInKgs | type) == "number" and $main.weightInKgs > 0 then {unit: "kg", value: $main.weightInKgs} else null end),
      dimensions: (if all($main.lengthInCm, $main.widthInCm, $main.heightInCm; type == "number" and . > 0) then
          {unit: "cm", length: $main.lengthInCm, width: $main.widthInCm, height: $main.heightInCm}
        else null end),
      package_count: ($packages | length | if . > 0 then . else null end),
      destination_country: (($to.countryCode | filled) // null),
      destination_city: (($to.city | filled) // null),
      pieces: (if $several then
          [{number: .consignmentId, kind: "master"}] + [$packages[] | .packageNumber | filled | {number: ., kind: "child"}]
        else [] end)
    };

.query as $query
| .status as $status
| .body
| if .consignmentSet | type == "array" then
    .consignmentSet[0]
    | if . == null then {unknown: "Bring lists no consignment"}
      elif .error then
        (.error.message // "Bring gave no reason") as $reason
        | (.error.code | tostring) as $code
        | if $code == "404" or ($reason | test("no shipments? found|not found|finner ikke"; "i")) then {unknown: $reason}
          elif $code == "401" or $code == "403" then {trouble: {kind: "bad_credentials", reason: $reason}}
          elif $code == "400" then {unknown: $reason}
          else {trouble: {kind: "retry_later", reason: $reason}} end
      else consignment($query.number) | if .checkpoints == [] then {no_data_yet: "Bring lists no event yet"} else {shipments: [.]} end
      end
  elif .message or .error then {trouble: {kind: "refused", reason: (.message // (.error | tojson))}}
  else error("no consignmentSet") end
