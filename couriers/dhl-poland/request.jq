# DHL24 WebAPI 2: one shipment a request, the login in the body.
{
  method: "POST",
  url: "https://dhl24.com.pl/webapi2/provider/service.html?ws=1",
  headers: {
    "Content-Type": "text/xml;charset=UTF-8",
    SOAPAction: "https://dhl24.com.pl/webapi2/provider/service.html?ws=1#getTrackAndTraceInfo"
  },
  body: (
    "<soap-env:Envelope xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\""
    + " xmlns=\"https://dhl24.com.pl/webapi2/provider/service.html?ws=1\"><soap-env:Body><getTrackAndTraceInfo><authData>"
    + "<username>\(.credentials.username | @html)</username><password>\(.credentials.password | @html)</password></authData>"
    + "<shipmentId>\(.query.number | @html)</shipmentId></getTrackAndTraceInfo></soap-env:Body></soap-env:Envelope>"
  )
}
