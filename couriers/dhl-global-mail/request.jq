# DHL eCommerce Americas v4. The bearer token is added by the engine.
{
  method: "GET",
  url: ("https://api.dhlecs.com/tracking/v4/package?trackingId=" + (.query.number | @uri)),
  headers: {Accept: "application/json"}
}
