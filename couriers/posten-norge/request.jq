# Bring Tracking v2. The key is added by the engine; the user it belongs to goes beside it.
(.query.language // "en") as $language
| {
    method: "GET",
    url: (
      "https://api.bring.com/tracking/api/v2/tracking.json?q=" + (.query.number | @uri)
      + "&lang=" + (if any("no", "sv", "da"; . == $language) then $language else "en" end)
    ),
    headers: {
      Accept: "application/json",
      "X-Mybring-API-Uid": .credentials.api_uid,
      "X-Bring-Client-URL": "waybill"
    }
  }
