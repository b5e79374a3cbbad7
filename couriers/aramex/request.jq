# Aramex Shipments Tracking API 1.0: several waybills a request, the account in the body.
{
  method: "POST",
  url: "https://ws.aramex.net/ShippingAPI.V2/Tracking/Service_1_0.svc",
  headers: {
    "Content-Type": "text/xml; charset=utf-8",
    SOAPAction: "http://ws.aramex.net/ShippingAPI/v1/Service_1_0/TrackShipments"
  },
  body: (
    "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:v1=\"http://ws.aramex.net/ShippingAPI/v1/\""
    + " xmlns:arr=\"http://schemas.microsoft.com/2003/10/Serialization/Arrays\"><soap:Header/><soap:Body>"
    + "<v1:ShipmentTrackingRequest><v1:ClientInfo>"
    + "<v1:UserName>\(.credentials.username | @html)</v1:UserName><v1:Password>\(.credentials.password | @html)</v1:Password>"
    + "<v1:Version>1.0</v1:Version><v1:AccountNumber>\(.credentials.account_number | @html)</v1:AccountNumber>"
    + "<v1:AccountPin>\(.credentials.account_pin | @html)</v1:AccountPin>"
    + "<v1:AccountEntity>\(.credentials.account_entity | @html)</v1:AccountEntity>"
    + "<v1:AccountCountryCode>\(.credentials.account_country_code | @html)</v1:AccountCountryCode></v1:ClientInfo>"
    + "<v1:Shipments>" + (.query.numbers | map("<arr:string>\(. | @html)</arr:string>") | join("")) + "</v1:Shipments>"
    + "<v1:GetLastTrackingUpdateOnly>false</v1:GetLastTrackingUpdateOnly>"
    + "</v1:ShipmentTrackingRequest></soap:Body></soap:Envelope>"
  )
}
