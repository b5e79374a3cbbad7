# SF Express: `msgData.routeResps[]`, each with `routes[]`, oldest first, in local time; live it is boxed as a
# text in `apiResultData`, with `apiResultCode` A1000 if the platform let us in.

def filled: select(type == "string" and . != "");

# Numbers the answer leaves out.
def absent($query; $reason):
  . as $found
  | $query.numbers[]
  | select(. as $number | $number != "" and all($found[]; .number != $number))
  | {number: ., unknown: $reason};

def checkpoint:
  {
    time: .acceptTime,
    code: .opCode,
    codes: [["event", .opCode], ["text", .remark] | select(.[1] | type == "string" and . != "")],
    message: .remark,
    location: .acceptAddress,
    city: .acceptAddress
  };

def routes($query):
  [
    (.routeResps // [])[]
    | {number: .mailNo}
      + ([(.routes // [])[] | select(.acceptTime | filled) | checkpoint]
        | if . == [] then {unknown: "SF Express lists no route"} else {checkpoints: .} end)
  ]
  | {shipments: (. + [absent($query; "SF Express lists no such waybill")])};

.query as $query
| .body
| (.apiResultCode // "A1000") as $code
| (.apiErrorMsg // "SF Express gave no reason") as $refusal
| if $code != "A1000" then
    if any("A1005", "A1010"; . == $code) then {trouble: {kind: "retry_later", reason: "\($code): \($refusal)"}}
    elif any("A1003", "A1004", "A1006", "A1011"; . == $code) then {trouble: {kind: "bad_credentials", reason: "\($code): \($refusal)"}}
    else {trouble: {kind: "refused", reason: "\($code): \($refusal)"}} end
  else
    (.apiResultData // .)
    | (if type == "string" then fromjson else . end)
    | if .success == true and (.msgData | type) == "object" then .msgData | routes($query)
      elif .success == false then
        ((.errorMsg | filled) // .errorCode // "SF Express gave no reason") as $reason
        | if $reason | test("不存在|无路由|not exist|no route"; "i") then {unknown: $reason}
          else {trouble: {kind: "refused", reason: "\(.errorCode): \($reason)"}} end
      else error("no msgData") end
  end
