# Chronopost's tracking service (SOAP), open to all. `@html` escapes what goes into the envelope.
{
  method: "POST",
  url: "https://ws.chronopost.fr/tracking-cxf/TrackingServiceWS",
  headers: {"Content-Type": "text/xml; charset=utf-8", SOAPAction: ""},
  body: (
    "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\""
    + " xmlns:cxf=\"http://cxf.tracking.soap.chronopost.fr/\"><soapenv:Body><cxf:trackSkybillV2>"
    + "<language>\(if .query.language == null or .query.language == "fr" then "fr_FR" else "en_GB" end)</language>"
    + "<skybillNumber>\(.query.number | @html)</skybillNumber>"
    + "</cxf:trackSkybillV2></soapenv:Body></soapenv:Envelope>"
  )
}
