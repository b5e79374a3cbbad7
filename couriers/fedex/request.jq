# FedEx Track API v1. The bearer token is added by the engine.
{
  method: "POST",
  url: "https://apis.fedex.com/track/v1/trackingnumbers",
  headers: {
    "Content-Type": "application/json",
    Accept: "application/json",
    "X-locale": "en_US"
  },
  body: {
    includeDetailedScans: true,
    trackingInfo: [
      {trackingNumberInfo: {trackingNumber: .query.number}}
      # Numbers come back after a year or two; the day of shipping tells them apart.
      + (.query.ship_date | if . then {shipDateBegin: ., shipDateEnd: .} else {} end)
    ]
  }
}
