# Canada Post tracking details of one PIN. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://soa-gw.canadapost.ca/vis/track/pin/" + (.query.number | @uri) + "/detail"),
  headers: {
    Accept: "application/vnd.cpc.track-v2+xml",
    "Accept-language": (if .query.language == "fr" then "fr-CA" else "en-CA" end)
  }
}
