# Hermes Germany HSI: shipments by their ids.
{
  method: "GET",
  url: (
    "https://de-api.hermesworld.com/services/hsi/shipmentinfo?"
    + (.query.numbers | map("shipmentID=" + @uri) | join("&"))
  ),
  headers: {
    Accept: "application/json",
    "Accept-Language": (if .query.language == null or .query.language == "de" then "DE" else "EN" end),
    Authorization: "Bearer \(.token)"
  }
}
