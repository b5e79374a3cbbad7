# USPS Tracking v3: one number a request. The bearer token is added by the engine.
{
  method: "GET",
  url: ("https://apis.usps.com/tracking/v3/tracking/" + (.query.number | @uri) + "?expand=DETAIL"),
  headers: {Accept: "application/json"}
}
