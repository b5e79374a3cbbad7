# Amazon Shipping v2: `eventHistory[]`, newest first, and a `summary`; what was refused is `errors[]`.

def filled: select(type == "string" and . != "");

# What a delivery or a failure is in particular stands in the summary, and is about the newest event.
def checkpoint($details; $signed_by):
  (.location // {}) as $place
  | .eventCode as $event
  | {
      time: .eventTime,
      code: .eventCode,
      codes: [
        (select(any("Delivered", "DeliveryAttempted", "Undeliverable"; . == $event)) | $details[] | ["detail", .]),
        (select(.shipmentType == "RETURNS" and .eventCode == "Delivered") | ["returns", .eventCode]),
        ["event", .eventCode]
        | select(.[1] | type == "string" and . != "")
      ],
      message: (.eventCode // "" | gsub("(?<a>[a-z])(?<b>[A-Z])"; "\(.a) \(.b)")),
      location: ([$place.city, $place.stateOrRegion, $place.countryCode] | map(filled) | join(", ")),
      city: $place.city,
      state: $place.stateOrRegion,
      postal_code: $place.postalCode,
      country: $place.countryCode,
      signed_by: (if .eventCode == "Delivered" then $signed_by else null end)
    };

def parcel:
  (.summary // {}) as $summary
  | ($summary.proofOfDelivery // {}) as $proof
  | (($summary.trackingDetailCodes // {}).forward // [] | map(filled)) as $details
  | (($proof.receivedBy | filled) // null) as $signed_by
  | {
      checkpoints: [
        (.eventHistory // [])
        | to_entries[]
        | (if .key == 0 then $details else [] end) as $own
        | .value
        | select(.eventTime | filled)
        | checkpoint($own; $signed_by)
      ],
      estimated_delivery: {date: ((.promisedDeliveryDate | filled) // null)},
      last_mile: ((.alternateLegTrackingId | filled | {slug: null, number: .}) // null),
      proof_of_delivery: [$proof.deliveryImageURL | select(type == "string" and test("^https?://")) | {kind: "image", url: .}]
    };

.status as $status
| (.body | if type == "object" then .payload // . else . end)
| if .trackingId or .eventHistory then
    parcel | if .checkpoints == [] then {no_data_yet: "Amazon lists no event yet"} else {shipments: [.]} end
  elif .errors[0]? then
    .errors[0]
    | (.code // "") as $code
    | ((.message | filled) // "Amazon gave no reason") as $reason
    | if $status == 404 or ($code | test("InvalidTrackingId|NotFound")) or ($reason | test("not found"; "i")) then {unknown: $reason}
      elif $code | test("Unauthorized|AccessDenied") then {trouble: {kind: "bad_credentials", reason: $reason}}
      elif $code | test("QuotaExceeded|InternalFailure|ServiceUnavailable") then {trouble: {kind: "retry_later", reason: $reason}}
      else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end
  else error("no eventHistory") end
