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
    trackingInfo: [.query.numbers[] | {trackingNumberInfo: {trackingNumber: .}}]
  }
}
