# Canpar's add-ons service, open to all: one barcode a request.
{
  method: "POST",
  url: "https://canship.canpar.com/canshipws/services/CanparAddonsService.CanparAddonsServiceHttpSoap12Endpoint/",
  headers: {"Content-Type": "application/soap+xml; charset=utf-8", soapaction: "urn:trackByBarcodeV2"},
  body: (
    "<soap:Envelope xmlns:soap=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:ws=\"http://ws.onlinerating.canshipws.canpar.com\""
    + " xmlns:xsd=\"http://ws.dto.canshipws.canpar.com/xsd\"><soap:Header/><soap:Body><ws:trackByBarcodeV2><ws:request>"
    + "<xsd:barcode>\(.query.number | @html)</xsd:barcode><xsd:track_shipment>true</xsd:track_shipment>"
    + "</ws:request></ws:trackByBarcodeV2></soap:Body></soap:Envelope>"
  )
}
