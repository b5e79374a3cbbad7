# Australia Post Shipping and Tracking v1. Basic authentication is added by the engine.
{
  method: "GET",
  url: ("https://digitalapi.auspost.com.au/shipping/v1/track?tracking_ids=" + (.query.numbers | map(@uri) | join(","))),
  headers: {Accept: "application/json", "Account-Number": .credentials.account_number}
}
