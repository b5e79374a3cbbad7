# SF Express open platform, EXP_RECE_SEARCH_ROUTES: a form, signed with MD5 over message, time and check word.
.credentials as $account
| (.query.now_ms | tostring) as $now
| (.query.tracking_key | if . then {checkPhoneNo: .[-4:]} else {} end) as $phone
| (
    {
      language: (if .query.language == "zh" then "0" else "1" end),
      trackingType: "1",
      trackingNumber: .query.numbers,
      methodType: "1"
    }
    + (if (.query.numbers | length) == 1 then $phone else {} end)
    | tojson
  ) as $message
| {
    method: "POST",
    url: "https://sfapi.sf-express.com/std/service",
    headers: {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", Accept: "application/json"},
    body: (
      {
        partnerID: $account.partner_id,
        requestID: "\($now)-\(.query.number)",
        serviceCode: "EXP_RECE_SEARCH_ROUTES",
        timestamp: $now,
        msgDigest: ("\($message)\($now)\($account.check_word)" | @uri | hash("md5"; "base64")),
        msgData: $message
      }
      | form
    )
  }
