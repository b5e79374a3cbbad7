# YunExpress: `Code` "0000" and an `Item` with `OrderTrackingDetails[]`, newest first, in local time. The answer
# of the look-up of numbers (`Items`) knows no events.

def filled: select(type == "string" and . != "");

def checkpoint:
  {
    time: .ProcessDate,
    code: ((.TrackNodeCode | filled) // (.TrackingStatus | if type == "number" then tostring else . end)),
    codes: [["node", .TrackNodeCode], ["text", .TrackCodeDescription], ["text", .ProcessContent] | select(.[1] | type == "string" and . != "")],
    message: ((.ProcessContent | filled) // .TrackCodeDescription),
    location: .ProcessLocation
  };

.query as $query
| .status as $status
| .body
| ((.Code // .ResultCode) // "") as $code
| ((.Message | filled) // (.ResultDesc | filled) // "YunExpress gave no reason") as $reason
| if .Item | type == "object" then
    (.Item.TrackingNumber // null) as $other
    | [(.Item.OrderTrackingDetails // [])[] | select(.ProcessDate | filled) | checkpoint] as $checkpoints
    | (.Item.CountryCode // null) as $country
    | if $checkpoints == [] then {no_data_yet: "YunExpress lists no event yet"}
      else
        {shipments: [{
          checkpoints: $checkpoints,
          destination_country: $country,
          # The number of the carrier that delivers.
          last_mile: (($other | filled | select(. != $query.number) | {slug: null, number: .}) // null)
        }]}
      end
  elif (.Items | type) == "array" and $code == "0000" then {no_data_yet: "YunExpress names the parcel and no event"}
  elif $reason | test("not found|no data|does not exist|不存在|没有|未找到"; "i") then {unknown: $reason}
  elif $reason | test("unauthor|token|secret|认证|授权"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif .Message or .ResultDesc then {trouble: {kind: "refused", reason: $reason}}
  else error("no Item") end
