# AsendiaOne milestones. Basic authentication is added by the engine; the key goes beside it.
{
  method: "GET",
  url: (
    "https://a1api.asendiausa.com/api/A1/v2.0/Tracking/Milestone?trackingNumberVendor="
    + (.query.numbers | map(@uri) | join(","))
  ),
  headers: {Accept: "application/json", "X-AsendiaOne-ApiKey": .credentials.api_key}
}
