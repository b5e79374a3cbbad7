# Purolator TrackingService 1: several PINs a request. Basic authentication is added by the engine.
{
  method: "POST",
  url: "https://webservices.purolator.com/PWS/V1/Tracking/TrackingService.asmx",
  headers: {
    "Content-Type": "text/xml; charset=utf-8",
    SOAPAction: "http://purolator.com/pws/service/v1/TrackPackagesByPin"
  },
  body: (
    "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:v1=\"http://purolator.com/pws/datatypes/v1\">"
    + "<soap:Header><v1:RequestContext><v1:Version>1.2</v1:Version>"
    + "<v1:Language>\(if .query.language == "fr" then "fr" else "en" end)</v1:Language><v1:GroupID/><v1:RequestReference/>"
    + "<v1:UserToken>\(.credentials.user_token // "" | @html)</v1:UserToken></v1:RequestContext></soap:Header>"
    + "<soap:Body><v1:TrackPackagesByPinRequest><v1:PINs>"
    + (.query.numbers | map("<v1:PIN><v1:Value>\(. | @html)</v1:Value></v1:PIN>") | join(""))
    + "</v1:PINs></v1:TrackPackagesByPinRequest></soap:Body></soap:Envelope>"
  )
}
