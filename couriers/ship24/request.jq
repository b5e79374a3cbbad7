# Ship24: makes a tracker, or finds it, and answers with what it knows.
{
  method: "POST",
  url: "https://api.ship24.com/public/v1/trackers/track",
  headers: {
    "Content-Type": "application/json; charset=utf-8",
    Accept: "application/json",
    Authorization: "Bearer \(.credentials.api_key)"
  },
  body: (
    {trackingNumber: .query.number}
    + (.query.origin_country_alpha2 | if . then {originCountryCode: .} else {} end)
    + (.query.destination_country_alpha2 | if . then {destinationCountryCode: .} else {} end)
    + (.query.destination_postal_code | if . then {destinationPostCode: .} else {} end)
    + (.query.ship_date | if . then {shippingDate: "\(.)T00:00:00.000Z"} else {} end)
  )
}
