# 4PX: `result` "1" with `data.trackingList[]`, newest first, in local time; else `msg` and `errors[]`. Codes
# are of a dictionary 4PX gives its customers; the text says what happened.

def filled: select(type == "string" and . != "");

def checkpoint:
  {
    time: .occurDatetime,
    code: .businessLinkCode,
    codes: [["text", .trackingContent], ["event", .businessLinkCode] | select(.[1] | type == "string" and . != "")],
    message: .trackingContent,
    location: .occurLocation,
    # "NANCHENG,CN"
    city: ((.occurLocation // "" | filled | capture("^(?<c>[^,]+), ?(?<cc>[A-Z]{2})$") | .c) // null),
    country: ((.occurLocation // "" | filled | capture("^(?<c>[^,]+), ?(?<cc>[A-Z]{2})$") | .cc) // null)
  };

.query as $query
| .body
| ((.errors // [])[0] // {}) as $error
| (($error.errorMsg | filled) // ($error.error_msg | filled) // (.msg | filled) // "4PX gave no reason") as $reason
| if (.result | tostring) == "1" then
    (.data // {} | if type == "array" then .[0] // {} else . end) as $data
    | [($data.trackingList // [])[] | select(.occurDatetime | filled) | checkpoint]
    | if . == [] then {unknown: "4PX lists no event"}
      else
        {shipments: [{
          checkpoints: .,
          destination_country: ((($data.destinationCountry | filled) // (($data.trackingList // [])[0] // {}).destinationCountry // null))
        }]}
      end
  elif $reason | test("not exist|not found|no (data|order)|不存在|未找到|查无"; "i") then {unknown: $reason}
  elif $reason | test("sign|app_?key|token|签名|权限"; "i") then {trouble: {kind: "bad_credentials", reason: $reason}}
  elif $reason | test("busy|limit|later|timeout|频繁|繁忙"; "i") then {trouble: {kind: "retry_later", reason: $reason}}
  elif .result then {trouble: {kind: "refused", reason: $reason}}
  else error("no result") end
