# Amazon Shipping v2 of the selling partner interface: one number a request.
{na: "AMZN_US", eu: "AMZN_UK", fe: "AMZN_JP"} as $carriers
| (.credentials.region | ascii_downcase) as $region
| if $carriers[$region] == null then error("region must be na, eu or fe") else . end
| {
    method: "GET",
    url: (
      "https://sellingpartnerapi-" + $region + ".amazon.com/shipping/v2/tracking?trackingId=" + (.query.number | @uri)
      + "&carrierId=" + ((.query.tracking_key // $carriers[$region]) | @uri)
    ),
    headers: (
      {Accept: "application/json", "x-amz-access-token": .token}
      + (.credentials.business_id | if . then {"x-amzn-shipping-business-id": .} else {} end)
    )
  }
