# GEODIS Espace client: the header holds a hash over account, time, language, service and body.
({noSuivi: .query.number} | tojson) as $body
| .credentials as $account
| (.query.now_ms | tostring) as $now
| (if .query.language == null or .query.language == "fr" then "fr" else "en" end) as $language
| "api/zoomclient/recherche-envoi" as $service
| ([$account.api_key, $account.identifier, $now, $language, $service, $body] | join(";") | hash("sha256"; "hex")) as $hash
| {
    method: "POST",
    url: "https://espace-client.geodis.com/services/\($service)",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json",
      "X-GEODIS-Service": ([$account.identifier, $now, $language, $hash] | join(";"))
    },
    body: $body
  }
