# 4PX open platform: the method and the rest as parameters, signed with MD5 over them, the body and the secret.
({deliveryOrderNo: .query.number} | tojson) as $body
| .credentials as $account
| (.query.now_ms | tostring) as $now
| "tr.order.tracking.get" as $method
| "app_key\($account.app_key)formatjsonmethod\($method)timestamp\($now)v1.0.0\($body)\($account.app_secret)" as $signed
| {
    method: "POST",
    url: (
      "https://open.4px.com/router/api/service?method=\($method)&app_key=" + ($account.app_key | @uri)
      + "&v=1.0.0&timestamp=\($now)&format=json&sign=" + ($signed | hash("md5"; "hex"))
      + "&language=" + (if .query.language == "zh" then "cn" else "en" end)
      + ($account.access_token | if . then "&access_token=" + @uri else "" end)
    ),
    headers: {"Content-Type": "application/json;charset=utf-8", Accept: "application/json"},
    body: $body
  }
