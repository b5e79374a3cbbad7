# DHL Shipment Tracking, unified: one number a request. The key is added by the engine.
{
  method: "GET",
  url: (
    "https://api-eu.dhl.com/track/shipments?trackingNumber=" + (.query.number | @uri)
    + "&service=express"
    + "&language=" + ((.query.language // "en") | @uri)
    + (.query.origin_country_alpha2 | if . then "&originCountryCode=\(. | @uri)" else "" end)
  ),
  headers: {Accept: "application/json"}
}
