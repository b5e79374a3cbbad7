# Royal Mail Tracking v2: `mailPieces` with `summary`, `signature`, `estimatedDelivery` and `events[]`; asked
# for several it is a list. What was refused is `errors[]`, at the top or at the piece.

def filled: select(type == "string" and . != "");

def checkpoint($signed_by):
  {
    time: .eventDateTime,
    code: .eventCode,
    codes: [["event", .eventCode], ["text", .eventName] | select(.[1] | type == "string" and . != "")],
    message: .eventName,
    location: .locationName,
    signed_by: (if .eventCode // "" | test("^EVK(SP|OP|SF|LC|SU|PD)$") then $signed_by else null end)
  };

def estimated:
  (.estimatedDelivery // {})
  | (.date | filled) as $day
  | {
      date: $day,
      min: ((.startOfEstimatedWindow | filled | "\($day)T\(.)") // null),
      max: ((.endOfEstimatedWindow | filled | "\($day)T\(.)") // null)
    };

def piece:
  (.summary // {}) as $summary
  | (((.signature // {}).recipientName | filled) // null) as $signed_by
  | {
      checkpoints: [
        if (.events // []) != [] then .events[]
        elif $summary.lastEventDateTime then
          {eventCode: $summary.lastEventCode, eventName: $summary.lastEventName, eventDateTime: $summary.lastEventDateTime, locationName: $summary.lastEventLocationName}
        else empty end
        | select(.eventDateTime | filled)
        | checkpoint($signed_by)
      ],
      estimated_delivery: (estimated // null),
      service: (($summary.productName | filled) // null),
      destination_country: (($summary.destinationCountryCode | filled) // null),
      redirect_link: null
    };

def refusal($status):
  (.errorCode // "") as $code
  | ((.errorDescription | filled) // (.message | filled) // "Royal Mail gave no reason") as $reason
  | if $status == 404 or ($reason | test("isn.t recogni[sz]ed|not recogni[sz]ed|cannot be found|not found|check the (tracking|reference)"; "i")) then
      {unknown: $reason}
    elif $reason | test("no information|not available until|not yet"; "i") then {no_data_yet: $reason}
    elif $reason | test("try again|unable to confirm|unavailable|timed? ?out"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
    elif $reason | test("client ?id|client ?secret|unauthori|subscri"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
    else {trouble: {kind: "refused", reason: "\($code): \($reason)"}} end;

.query as $query
| .status as $status
| .body
| if .errors[0]? then .errors[0] | refusal($status)
  elif .mailPieces then
    .mailPieces
    | (if type == "array" then first(.[] | select([.mailPieceId, (.summary // {}).oneDBarcode] | any(. == $query.number))) // (if length == 1 then .[0] else error("our number is not among the answers") end) else . end)
    | if (.error // null) != null then .error | refusal($status)
      else piece | if .checkpoints == [] then {no_data_yet: "Royal Mail lists no event yet"} else {shipments: [.]} end end
  elif .httpCode then {errorDescription: (.moreInformation // .httpMessage)} | refusal($status)
  else error("no mailPieces") end
